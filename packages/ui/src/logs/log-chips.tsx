import { CloseButton } from '@mantine/core';
import chips from '../search/condition-chips.module.css';
import classes from './logs-page.module.css';
import type { LogsState } from './logs-state.ts';

interface Props {
  readonly state: LogsState;
  readonly onChange: (change: Partial<LogsState>) => void;
  /** Puts a condition back into the field. */
  readonly onEdit: (text: string) => void;
}

/** The trace, the span, the text and the conditions that hold now; a click edits one, its cross removes it. */
export function LogChips({ state, onChange, onEdit }: Props) {
  const { text, trace, span, where = [] } = state;
  if (where.length === 0 && !text && !trace) return null;
  const without = (condition: string) => {
    const left = where.filter((each) => each !== condition);
    return { where: left.length > 0 ? left : undefined };
  };
  const all: Chip[] = [
    ...(trace ? [{ label: `trace ${trace}`, edit: trace, left: { trace: undefined, span: undefined } }] : []),
    ...(span ? [{ label: `span ${span}`, edit: '', left: { span: undefined } }] : []),
    ...(text ? [{ label: `“${text}”`, edit: text, left: { text: undefined } }] : []),
    ...where.map((condition) => ({ label: condition, edit: condition, left: without(condition) })),
  ];
  return (
    <ul className={`${chips.chips} ${classes.chips}`} aria-label="Conditions">
      {all.map(({ label, edit, left }) => (
        <li key={label} className={chips.chip}>
          <button
            type="button"
            title="Edit"
            onClick={() => {
              onEdit(edit);
              onChange(left);
            }}
          >
            {label}
          </button>
          <CloseButton
            size={18}
            iconSize={12}
            aria-label={`Remove ${label}`}
            onClick={() => onChange(left)}
          />
        </li>
      ))}
    </ul>
  );
}

interface Chip {
  readonly label: string;
  readonly edit: string;
  readonly left: Partial<LogsState>;
}
