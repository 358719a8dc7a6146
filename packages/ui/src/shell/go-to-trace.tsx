import { TextInput } from '@mantine/core';
import { parseTraceId } from '@throughline/model';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

/** Opens the trace whose id is pasted or typed. */
export function GoToTrace() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const open = (candidate: string) => {
    const traceId = parseTraceId(candidate.trim());
    setWrong(!traceId);
    if (!traceId) return;
    setText('');
    void navigate({ to: '/trace/$traceId', params: { traceId }, search: {} });
  };
  return (
    <TextInput
      flex="0 1 250px"
      miw={90}
      aria-label="Open a trace by its id"
      placeholder="Open trace id…"
      value={text}
      error={wrong}
      spellCheck={false}
      onChange={(event) => {
        setText(event.currentTarget.value);
        setWrong(false);
      }}
      onPaste={(event) => {
        const pasted = event.clipboardData.getData('text');
        if (!parseTraceId(pasted.trim())) return;
        event.preventDefault();
        open(pasted);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') open(text);
      }}
    />
  );
}
