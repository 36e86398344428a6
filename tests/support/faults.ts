import { Unavailable } from '#application/unavailable.ts';

type MethodOf<T> = Extract<{ [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never }[keyof T], string>;

/** An adapter whose technology goes away when the test says so, and a place to step in between two of its calls. */
export interface Breakable<T> {
  readonly port: T;
  /** The nth call of the method from now throws Unavailable, before it reaches the adapter. */
  failOn(method: MethodOf<T>, nth?: number): void;
  /** The call is made, its answer is lost on the way back. */
  loseAnswerOf(method: MethodOf<T>): void;
  /** Runs before the next call of the method reaches the adapter. */
  before(method: MethodOf<T>, act: () => Promise<unknown>): void;
  /** How often the method was called. */
  calls(method: MethodOf<T>): number;
}

type Step = { readonly at: number; readonly before?: () => Promise<unknown>; readonly after?: () => never };

export function breakable<T extends object>(adapter: T): Breakable<T> {
  const counts = new Map<string, number>();
  const steps = new Map<string, Step[]>();
  const callsOf = (method: string) => counts.get(method) ?? 0;
  const plan = (method: string, nth: number, step: Omit<Step, 'at'>) =>
    steps.set(method, [...(steps.get(method) ?? []), { at: callsOf(method) + nth, ...step }]);
  const gone = (): never => {
    throw new Unavailable('The test took it away.');
  };

  const port = new Proxy(adapter, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return async (...args: unknown[]) => {
        const count = callsOf(name) + 1;
        counts.set(name, count);
        const step = steps.get(name)?.find(({ at }) => at === count);
        await step?.before?.();
        const answer: unknown = await Reflect.apply(member, target, args);
        step?.after?.();
        return answer;
      };
    },
  });

  return {
    port,
    failOn: (method, nth = 1) => plan(method, nth, { before: async () => gone() }),
    loseAnswerOf: (method) => plan(method, 1, { after: gone }),
    before: (method, act) => plan(method, 1, { before: act }),
    calls: callsOf,
  };
}
