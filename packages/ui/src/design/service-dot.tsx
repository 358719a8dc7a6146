/** The mark of a service in lists; `color` from `useServiceColor`. */
export function ServiceDot({ color }: { color: string }) {
  return (
    <span
      aria-hidden
      style={{
        flex: 'none',
        width: 8,
        height: 8,
        borderRadius: 2,
        background: color,
        display: 'inline-block',
      }}
    />
  );
}
