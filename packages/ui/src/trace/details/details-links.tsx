import { Anchor, Text } from '@mantine/core';
import type { Link as SpanLink, SpanDetails } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { formatDuration } from '../../design/format-duration.ts';
import { useServiceColor } from '../../design/use-service-color.tsx';
import { AttributeTable } from './attribute-table.tsx';
import classes from './details-links.module.css';
import { Dropped } from './dropped.tsx';
import { Section } from '../../design/section.tsx';
import { usePart } from '../../hooks/use-part.tsx';
import type { TraceState } from '../use-trace-state.ts';

/** Spans that this one names, and spans that name it, with a way there. */
export function DetailsLinks({ span, state }: { span: SpanDetails; state: TraceState }) {
  const { links, linked_from: from, dropped_links: dropped } = span;
  const { part, more } = usePart([
    ...links.map((link) => ({ link, to: true })),
    ...from.map((link) => ({ link, to: false })),
  ]);
  if (links.length === 0 && from.length === 0 && dropped === 0) return null;
  return (
    <Section title="Links" count={links.length + from.length}>
      <ul className={classes.list}>
        {part.map(({ link, to }, index) => (
          <LinkItem key={index} link={link} span={span} state={state} to={to} />
        ))}
      </ul>
      {more}
      <Dropped count={dropped} what="links" />
    </Section>
  );
}

interface ItemProps {
  readonly link: SpanLink;
  readonly span: SpanDetails;
  readonly state: TraceState;
  readonly to: boolean;
}

function LinkItem({ link, span, state, to }: ItemProps) {
  const { model, actions } = state;
  const colorOf = useServiceColor();
  const here = link.trace_id === span.trace_id;
  const node = here ? model.nodeOf(link.span_id) : -1;
  const label = link.operation ?? `span ${link.span_id}`;
  const apart = link.start === undefined ? undefined : Number(BigInt(link.start) - BigInt(span.start));
  return (
    <li className={classes.item}>
      <Text size="xs" c="dimmed" className={classes.direction}>
        {to ? <IconArrowRight size={13} aria-hidden /> : <IconArrowLeft size={13} aria-hidden />}
        {to ? 'Links to' : 'Linked from'} {here ? 'this trace' : 'another trace'}
        {apart !== undefined && `, ${formatDuration(Math.abs(apart))} ${apart < 0 ? 'earlier' : 'later'}`}
      </Text>
      <div className={classes.target}>
        {link.service !== undefined && (
          <>
            <span className={classes.pill} style={{ background: colorOf(link.service) }} />
            <span className={classes.service}>{link.service}</span>
          </>
        )}
        {node >= 0 ? (
          <Anchor component="button" size="sm" ta="left" onClick={() => actions.select(node, 'center')}>
            {label}
          </Anchor>
        ) : (
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                {...props}
                to="/trace/$traceId"
                params={{ traceId: link.trace_id }}
                search={{ span: link.span_id, panel: state.url.panel }}
              />
            )}
          >
            {label}
          </Anchor>
        )}
      </div>
      {link.operation === undefined && (
        <Text size="xs" c="dimmed">
          not stored, or not yet; trace <code>{link.trace_id}</code>
        </Text>
      )}
      {link.trace_state !== '' && (
        <Text size="xs" c="dimmed">
          trace state <code>{link.trace_state}</code>
        </Text>
      )}
      <AttributeTable attributes={link.attributes} />
      <Dropped count={link.dropped_attributes} what="attributes" />
    </li>
  );
}
