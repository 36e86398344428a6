import { setImmediate } from 'node:timers/promises';
import { MemorySessionRepository } from '#adapters/outbound/memory/memory-session-repository.ts';
import type { Rotation, SessionRepository } from '#application/ports/session-repository.ts';
import { judgeGeneration, rotated } from '#domain/session.ts';

type Terms = Parameters<SessionRepository['rotate']>[0];

/** What no repository may be: it looks first and writes later, whatever came between. */
export class RacySessions extends MemorySessionRepository {
  override async rotate(terms: Terms): Promise<Rotation> {
    const session = await this.findAlive(terms.sessionId, terms.now);
    const kind = judgeGeneration(session, terms);
    if (session === null || kind === 'rejected') return { kind: 'rejected' };
    if (kind !== 'current') return { kind, session };

    await setImmediate();
    const next = rotated(session, terms.now, terms.idleMs);
    await this.add(next);
    return { kind: 'rotated', session: next };
  }
}
