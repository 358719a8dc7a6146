import { useMemo } from 'react';

/** The function from a text to its width in pixels, written in a font as CSS names it: `600 13px sans-serif`. */
export function useTextWidth(font: string): (text: string) => number {
  return useMemo(() => {
    const context = document.createElement('canvas').getContext('2d');
    if (!context) return (text: string) => text.length * 7;
    context.font = font;
    return (text: string) => context.measureText(text).width;
  }, [font]);
}
