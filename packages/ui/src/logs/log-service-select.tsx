import { Select } from '@mantine/core';
import type { Period } from '../api/questions.ts';
import { formatRoughCount } from '../design/format-count.ts';
import { ServiceDot } from '../design/service-dot.tsx';
import { useServiceColor } from '../design/use-service-color.tsx';
import classes from './logs-page.module.css';
import { useLogServices } from './questions.ts';

interface Props {
  readonly period: Period | undefined;
  readonly value: string | undefined;
  readonly onChange: (service: string | undefined) => void;
}

/** The services that have records in the period, with how many. */
export function LogServiceSelect({ period, value, onChange }: Props) {
  const colorOf = useServiceColor();
  const services = useLogServices(period).data?.services ?? [];
  const logs = new Map(services.map((service) => [service.name, service.logs]));
  const names = value && !logs.has(value) ? [value, ...logs.keys()] : [...logs.keys()];
  return (
    <Select
      className={classes.service ?? ''}
      aria-label="Service"
      placeholder="All services"
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
          <span className={classes.count}>{formatRoughCount(logs.get(option.value) ?? 0)}</span>
        </>
      )}
    />
  );
}
