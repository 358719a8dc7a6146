import { Select, type SelectProps } from '@mantine/core';
import { formatRoughCount } from '../design/format-count.ts';
import { ServiceDot } from '../design/service-dot.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import classes from './service-select.module.css';

interface Props extends Pick<SelectProps, 'aria-label' | 'className' | 'label' | 'placeholder'> {
  /** How much each of those to choose from has. */
  readonly counts: ReadonlyMap<string, number>;
  readonly value: string | undefined;
  readonly onChange: (service: string | undefined) => void;
}

/** One service, or any; one that was chosen elsewhere is offered too. */
export function ServiceSelect({ counts, value, onChange, ...looks }: Props) {
  const colorOf = useServiceColor();
  const names = value && !counts.has(value) ? [value, ...counts.keys()] : [...counts.keys()];
  return (
    <Select
      {...looks}
      searchable
      clearable
      limit={200}
      maxDropdownHeight={420}
      nothingFoundMessage="No such service in this time"
      data={names}
      value={value ?? null}
      onChange={(service) => onChange(service ?? undefined)}
      {...(value ? { leftSection: <ServiceDot color={colorOf(value)} /> } : {})}
      renderOption={({ option }) => (
        <>
          <ServiceDot color={colorOf(option.value)} />
          <span className={classes.name}>{option.label}</span>
          <span className={classes.count}>{formatRoughCount(counts.get(option.value) ?? 0)}</span>
        </>
      )}
    />
  );
}
