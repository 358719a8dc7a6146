import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import classes from './section.module.css';

/** A part of the details that can be closed. */
export function Section({
  title,
  count,
  action,
  children,
}: {
  title: string;
  count?: number;
  action?: ReactNode;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section>
      <div className={classes.head}>
        <h3 className={classes.title}>
          <UnstyledButton
            className={classes.button}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <IconChevronRight size={13} className={classes.chevron} aria-hidden />
            {title}
            {count !== undefined && <span className={classes.count}>{count.toLocaleString('en')}</span>}
          </UnstyledButton>
        </h3>
        {action}
      </div>
      <div id={id} hidden={!open}>
        {children}
      </div>
    </section>
  );
}
