import type { Period } from '../api/questions.ts';
import { ServiceSelect } from '../search/service-select.tsx';
import classes from './logs-page.module.css';
import { useLogServices } from './questions.ts';

interface Props {
  readonly period: Period | undefined;
  readonly value: string | undefined;
  readonly onChange: (service: string | undefined) => void;
}

/** The services that have records in the period, with how many. */
export function LogServiceSelect({ period, value, onChange }: Props) {
  const services = useLogServices(period).data?.services ?? [];
  return (
    <ServiceSelect
      className={classes.service ?? ''}
      aria-label="Service"
      placeholder="All services"
      counts={new Map(services.map(({ name, logs }) => [name, logs]))}
      value={value}
      onChange={onChange}
    />
  );
}
