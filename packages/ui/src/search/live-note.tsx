import classes from './live-note.module.css';

/** Whether what is new arrives by itself. */
export function LiveNote({ connected }: { connected: boolean }) {
  return (
    <>
      <span className={classes.pulse} data-connected={connected || undefined} aria-hidden />
      {connected ? 'arriving now' : 'connecting…'}
    </>
  );
}
