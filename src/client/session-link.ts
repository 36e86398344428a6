import type { TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { tap } from '@trpc/server/observable';
import { readGrant } from './access-token.ts';
import type { TabMessage } from './tabs.ts';

/** Notices in the answers that somebody signed in or out. */
export function sessionLink({ publish, now }: { publish: (message: TabMessage) => void; now: () => number }): TRPCLink<AnyTRPCRouter> {
  const signIn = (answer: unknown, askedAt: number) => {
    const token = readGrant(answer, askedAt);
    if (token !== null) publish({ kind: 'signed-in', token, at: now() });
  };
  const notice = (path: string, answer: unknown, askedAt: number) => {
    switch (path) {
      case 'auth.login':
      case 'auth.refresh':
        return signIn(answer, askedAt);
      case 'auth.verifyEmail':
        return signIn(sessionIn(answer), askedAt);
      case 'auth.logout':
        return publish({ kind: 'signed-out', at: now() });
    }
  };

  return () =>
    ({ op, next }) => {
      const askedAt = now();
      return next(op).pipe(
        tap({
          next: ({ result }) => {
            if ('data' in result) notice(op.path, result.data, askedAt);
          },
        }),
      );
    };
}

function sessionIn(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'session' in answer ? answer.session : null;
}
