import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ServiceDot } from './service-dot.tsx';
import classes from './side-panel.module.css';

interface SidePanelProps {
  /** What it is, for those who do not see it. */
  readonly label: string;
  readonly title: ReactNode;
  /** Below the title. */
  readonly note?: string;
  readonly color: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Beside a drawing, or below it where there is little room: all about what is selected. Marks `data-errors` within. */
export function SidePanel({ label, title, note, color, onClose, children }: SidePanelProps) {
  return (
    <section className={classes.panel} aria-label={label}>
      <div className={classes.head}>
        <div className={classes.what}>
          <span className={classes.pill} style={{ background: color }} />
          <div className={classes.titles}>
            <h2 className={classes.title}>{title}</h2>
            {note !== undefined && <Note>{note}</Note>}
          </div>
        </div>
        <Tooltip label="Close (Esc)">
          <ActionIcon size={24} aria-label="Close details" onClick={onClose}>
            <IconX size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.body}>{children}</div>
    </section>
  );
}

/** Figures by name; what `<i>` holds of them is said more quietly. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>;
}

export function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Holds `NodeRow`s. */
export function NodeRows({ children }: { children: ReactNode }) {
  return <div className={classes.rows}>{children}</div>;
}

interface NodeRowProps {
  readonly color: string;
  readonly name: string;
  readonly onSelect: () => void;
  /** What there is to say of it, at its right. */
  readonly children: ReactNode;
}

export function NodeRow({ color, name, onSelect, children }: NodeRowProps) {
  return (
    <UnstyledButton className={classes.row ?? ''} onClick={onSelect}>
      <ServiceDot color={color} />
      <span className={classes.name}>{name}</span>
      {children}
    </UnstyledButton>
  );
}

export function Note({ children }: { children: ReactNode }) {
  return <span className={classes.note}>{children}</span>;
}
