import type { Order } from '../order.ts';

/** Where a piece of work stands among the topics. */
export interface Place {
  /** It puts something into this topic. */
  into?: string;
  /** It begins with something taken out of this topic. */
  outOf?: string;
}

/** What the services say about their work. Each method runs `work` and gives what it gives. */
export interface Tracing {
  /** An order that begins here; `work` gets it with the context to pass on. */
  begin<Result>(
    name: string,
    order: Order,
    place: Place,
    work: (order: Order) => Promise<Result>,
  ): Promise<Result>;
  /** Work on an order that came out of a topic; `work` gets it with the context to pass on. */
  continue<Result>(
    name: string,
    order: Order,
    place: Place,
    work: (order: Order) => Promise<Result>,
  ): Promise<Result>;
  /** A step of that work. */
  step<Result>(
    name: string,
    attributes: Record<string, string>,
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** Sends what is waiting. */
  stop(): Promise<void>;
}

/** The same services without tracing. */
export const noTracing: Tracing = {
  begin: (_name, order, _place, work) => work(order),
  continue: (_name, order, _place, work) => work(order),
  step: (_name, _attributes, work) => work(),
  stop: async () => {},
};
