import { CloseButton } from '@mantine/core';
import classes from './condition-chips.module.css';
import type { SearchState } from './search-state.ts';

interface Props {
  readonly state: SearchState;
  readonly onChange: (change: Partial<SearchState>) => void;
  /** Puts a condition back into the field. */
  readonly onEdit: (text: string) => void;
}

/** The conditions and the text that hold now; a click edits one, its cross removes it. */
export function ConditionChips({ state, onChange, onEdit }: Props) {
  const where = state.where ?? [];
  if (where.length === 0 && !state.text) return null;
  const drop = (text: string) => {
    const left = where.filter((each) => each !== text);
    onChange({ where: left.length > 0 ? left : undefined });
  };
  return (
    <ul className={classes.chips} aria-label="Conditions">
      {state.text && (
        <Chip
          text={`“${state.text}”`}
          onRemove={() => onChange({ text: undefined })}
          onEdit={() => {
            onEdit(state.text ?? '');
            onChange({ text: undefined });
          }}
        />
      )}
      {where.map((text) => (
        <Chip
          key={text}
          text={text}
          onRemove={() => drop(text)}
          onEdit={() => {
            onEdit(text);
            drop(text);
          }}
        />
      ))}
    </ul>
  );
}

function Chip({ text, onRemove, onEdit }: { text: string; onRemove: () => void; onEdit: () => void }) {
  return (
    <li className={classes.chip}>
      <button type="button" onClick={onEdit} title="Edit">
        {text}
      </button>
      <CloseButton size={18} iconSize={12} aria-label={`Remove ${text}`} onClick={onRemove} />
    </li>
  );
}
