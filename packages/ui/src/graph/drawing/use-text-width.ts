import { useState } from 'react';

/** The function from a text to its width in pixels, in the font as CSS names it at first: `600 13px sans-serif`. */
export function useTextWidth(font: string): (text: string) => number {
  const [widthOf] = useState(() => measureIn(font));
  return widthOf;
}

function measureIn(font: string): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  context.font = font;
  return (text) => context.measureText(text).width;
}
