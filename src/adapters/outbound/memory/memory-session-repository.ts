import type { Rotation, SessionRepository } from '#application/ports/session-repository.ts';
import type { SessionId } from '#domain/ids.ts';
import { isAlive, judgeGeneration, rotated, type Session, type SessionEndReason } from '#domain/session.ts';

/** Sessions in this process. Each method runs in one turn of the event loop, which makes it atomic. */
export class MemorySessionRepository implements SessionRepository {
  readonly #sessions = new Map<SessionId, Session>();

  async add(session: Session): Promise<void> {
    this.#sessions.set(session.id, structuredClone(session));
  }

  async findAlive(id: SessionId, now: Date): Promise<Session | null> {
    return structuredClone(this.#alive(id, now));
  }

  async rotate(rotation: { sessionId: SessionId; generation: number; now: Date; graceMs: number; idleMs: number }): Promise<Rotation> {
    const session = this.#sessions.get(rotation.sessionId) ?? null;
    const kind = judgeGeneration(session, rotation);
    if (session === null || kind === 'rejected') return { kind: 'rejected' };
    if (kind !== 'current') return { kind, session: structuredClone(session) };

    const next = structuredClone(rotated(session, rotation.now, rotation.idleMs));
    this.#sessions.set(next.id, next);
    return { kind: 'rotated', session: structuredClone(next) };
  }

  async end({ id, reason, now }: { id: SessionId; reason: SessionEndReason; now: Date }): Promise<Session | null> {
    const session = this.#alive(id, now);
    if (session === null) return null;
    const ended: Session = { ...session, endedAt: new Date(now), endReason: reason };
    this.#sessions.set(id, ended);
    return structuredClone(ended);
  }

  async sweep({ now, limit }: { now: Date; limit: number }): Promise<number> {
    const dead = [...this.#sessions.values()].filter((session) => !isAlive(session, now)).slice(0, limit);
    for (const { id } of dead) this.#sessions.delete(id);
    return dead.length;
  }

  #alive(id: SessionId, now: Date): Session | null {
    const session = this.#sessions.get(id);
    return session !== undefined && isAlive(session, now) ? session : null;
  }
}
