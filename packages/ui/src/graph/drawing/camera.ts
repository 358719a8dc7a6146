import type { Point } from './graph.ts';

/** From the graph to the screen: a point p is seen at `p * scale + (x, y)`. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Point, Size {}

const scales = { least: 0.02, most: 2 };
/** Below it the whole is too small to be read. */
const readable = 0.5;
const margin = 28;

/** All of the graph in the middle of the view, not enlarged. */
export function fitting(graph: Size, view: Size): Camera {
  const scale = clampedScale(
    Math.min(
      1,
      (view.width - 2 * margin) / Math.max(1, graph.width),
      (view.height - 2 * margin) / Math.max(1, graph.height),
    ),
  );
  return {
    scale,
    x: (view.width - graph.width * scale) / 2,
    y: (view.height - graph.height * scale) / 2,
  };
}

/** All of the graph if it can be read then; else where it begins, with the box (of what is looked at) in sight. */
export function opening(graph: Size, view: Size, box: Box | undefined): Camera {
  const all = fitting(graph, view);
  if (all.scale >= readable || !box) return all;
  const scale = 0.8;
  const start = { scale, x: margin, y: view.height / 2 - (box.y + box.height / 2) * scale };
  return revealing(start, box, view);
}

/** Zoomed by a factor, with what is under the point of the screen staying there. */
export function zoomedAt(camera: Camera, point: Point, factor: number): Camera {
  const scale = clampedScale(camera.scale * factor);
  const by = scale / camera.scale;
  return { scale, x: point.x - (point.x - camera.x) * by, y: point.y - (point.y - camera.y) * by };
}

export function moved(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x + dx, y: camera.y + dy };
}

/** Moved as little as brings the box of the graph into sight. */
export function revealing(camera: Camera, box: Box, view: Size): Camera {
  const by = (at: number, size: number, offset: number, room: number) => {
    const from = at * camera.scale + offset;
    const to = from + size * camera.scale;
    if (from >= margin && to <= room - margin) return 0;
    return from < margin ? margin - from : Math.max(room - margin - to, margin - from);
  };
  return moved(
    camera,
    by(box.x, box.width, camera.x, view.width),
    by(box.y, box.height, camera.y, view.height),
  );
}

/** Moved so that the point of the graph is in the middle. */
export function centredOn(camera: Camera, point: Point, view: Size): Camera {
  return {
    ...camera,
    x: view.width / 2 - point.x * camera.scale,
    y: view.height / 2 - point.y * camera.scale,
  };
}

/** The part of the graph that is seen. */
export function sight(camera: Camera, view: Size): Box {
  return {
    x: -camera.x / camera.scale,
    y: -camera.y / camera.scale,
    width: view.width / camera.scale,
    height: view.height / camera.scale,
  };
}

/** Moved back where all of the graph has left the view. */
export function kept(camera: Camera, graph: Size, view: Size): Camera {
  const inside = (offset: number, size: number, room: number) =>
    Math.min(Math.max(offset, 60 - size * camera.scale), room - 60);
  return {
    ...camera,
    x: inside(camera.x, graph.width, view.width),
    y: inside(camera.y, graph.height, view.height),
  };
}

function clampedScale(scale: number): number {
  return Math.min(Math.max(scale, scales.least), scales.most);
}
