import { describe, expect, it } from 'vitest';
import { contentTop, scrollTopFor, spacerHeight } from './scroll.ts';

describe('scrolling', () => {
  it('is the scroll position itself for what an element can be as tall as', () => {
    expect(spacerHeight(2_400_000)).toBe(2_400_000);
    expect(contentTop(1234, 2_400_000, 600)).toBe(1234);
    expect(scrollTopFor(1234, 2_400_000, 600)).toBe(1234);
  });

  it('reaches the first and the last row of 2,000,000', () => {
    const content = 2_000_000 * 24;
    const farthest = spacerHeight(content) - 600;
    expect(contentTop(0, content, 600)).toBe(0);
    expect(contentTop(farthest, content, 600)).toBe(content - 600);
    expect(scrollTopFor(content - 600, content, 600)).toBeCloseTo(farthest, 3);
    expect(contentTop(scrollTopFor(7_654_321, content, 600), content, 600)).toBeCloseTo(7_654_321, 3);
  });
});
