import type { TraceSummary } from '@throughline/query/api';
import { useServiceColor } from '../design/use-service-color.tsx';
import classes from './service-breakdown.module.css';

/** A bar divided by the time that each service's spans took, and how many services there are. */
export function ServiceBreakdown({ services }: { services: TraceSummary['services'] }) {
  const colorOf = useServiceColor();
  return (
    <>
      <span className={classes.bar} aria-hidden>
        {services
          .toSorted((a, b) => b.duration - a.duration)
          .map((service) => (
            <span
              key={service.name}
              style={{ flexGrow: Math.max(service.duration, 1), background: colorOf(service.name) }}
            />
          ))}
      </span>
      <span className={classes.count}>{services.length}</span>
    </>
  );
}
