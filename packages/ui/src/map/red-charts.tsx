import type { Period } from '../api/questions.ts';
import type { RedSeries } from '@throughline/query/api';
import { formatDuration } from '../design/format-duration.ts';
import { formatClock } from '../design/format-time.ts';
import { formatRate } from './format-rate.ts';
import classes from './red-charts.module.css';
import { useRed } from './questions.ts';

type Point = RedSeries['series'][number]['points'][number];

/** Rate, errors and p95 of a service over the time of the map. */
export function RedCharts({ service, period }: { service: string; period: Period }) {
  const { data, error } = useRed(service, period);
  if (error) return <p className={classes.note}>{error.message}</p>;
  if (!data) return <div className={classes.charts} />;
  const points = data.series[0]?.points ?? [];
  if (points.length === 0) return null;
  const each = (of: (point: Point) => number) => points.map(of);
  const rate = (count: number) => formatRate(count / data.step_s);
  return (
    <div className={classes.charts}>
      <Chart name="Rate" points={points} values={each(({ calls }) => calls)} print={rate} />
      <Chart name="Errors" points={points} values={each(({ errors }) => errors)} print={rate} bad />
      <Chart name="p95" points={points} values={each(({ p95 }) => p95)} print={formatDuration} />
    </div>
  );
}

const [wide, high] = [240, 34];

function Chart({
  name,
  points,
  values,
  print,
  bad = false,
}: {
  name: string;
  points: readonly Point[];
  values: readonly number[];
  print: (value: number) => string;
  bad?: boolean;
}) {
  const most = Math.max(...values);
  const step = wide / Math.max(1, values.length);
  const top = (value: number) => high - (most === 0 ? 0 : (value / most) * (high - 3));
  // Steps, as each value is of all of its time.
  const line = values
    .map((value, at) => `${at === 0 ? 'M' : 'L'}${at * step} ${top(value)}h${step}`)
    .join('');
  const peak = points[values.indexOf(most)];
  const at = peak ? ` at ${formatClock(peak.time_s * 1000).slice(0, 5)}` : '';
  return (
    <div className={classes.chart} data-bad={(bad && most > 0) || undefined}>
      <span className={classes.chartName}>{name}</span>
      <svg
        viewBox={`0 0 ${wide} ${high}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: at most ${print(most)}${most > 0 ? at : ''}`}
      >
        <path className={classes.area} d={`${line}V${high}H0Z`} />
        <path className={classes.stroke} d={line} />
      </svg>
      <span className={classes.most} title={most > 0 ? `Most${at}` : undefined}>
        {print(most)}
      </span>
    </div>
  );
}
