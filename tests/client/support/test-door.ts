import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { z } from 'zod';

/** A door of Sallyport's shape on a real socket, whose answers can be held, replaced and counted. */
export interface TestDoor {
  readonly url: string;
  /** Paths of the calls that arrived, such as `auth.refresh`, in order. */
  readonly calls: string[];
  /** The most calls of the path that were being answered at one time. */
  mostAtOnce(path: string): number;
  /** Ends every session, as an administrator would. */
  endSessions(): void;
  /** The link in the mail was pressed, on another device. */
  confirmRegistration(): void;
  /** Makes the access tokens issued so far worthless while their sessions live. */
  forgetTokens(): void;
  /** The next call of the path is answered with this instead of being run. */
  answerNext(path: string, answer: CannedAnswer): void;
  /** The next call of the path waits, before it is run, until `release`. */
  holdNext(path: string): Hold;
  /** The next call of the path is run at once, but its answer waits until `release`. */
  holdNextAnswer(path: string): Hold;
  close(): Promise<void>;
}

export interface CannedAnswer {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: Record<string, string>;
  /** The connection breaks instead. */
  readonly drop?: boolean;
  readonly body?: string;
}

export interface Hold {
  /** Resolves when the call has come. */
  readonly arrived: Promise<void>;
  release(): void;
}

interface Context {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

class Refusal extends TRPCError {
  readonly reason: string;
  constructor(code: TRPCError['code'], reason: string) {
    super({ code, message: reason });
    this.reason = reason;
  }
}

export interface TestDoorOptions {
  readonly expiresInSeconds?: number;
  /** Served beside the procedures, by path. */
  readonly pages?: ReadonlyMap<string, { readonly type: string; readonly body: string }>;
}

export async function openTestDoor({ expiresInSeconds = 900, pages = new Map() }: TestDoorOptions = {}): Promise<TestDoor> {
  const sessions = new Map<string, { userId: string; generation: number }>();
  const tokens = new Map<string, string>();
  const desk = createFrontDesk();
  let registration: { state: string; [more: string]: unknown } | null = null;
  let serial = 0;
  const nextId = () => `id${++serial}`;

  const t = initTRPC.context<Context>().create({
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, reason: error instanceof Refusal ? error.reason : 'internal' },
    }),
  });
  const issue = (sessionId: string) => {
    const { userId } = sessions.get(sessionId)!;
    const payload = Buffer.from(JSON.stringify({ sub: userId, sid: sessionId, jti: nextId() })).toString('base64url');
    const accessToken = `e30.${payload}.x`;
    tokens.set(accessToken, sessionId);
    return { accessToken, expiresInSeconds };
  };
  const signIn = ({ res }: Context, email: string) => {
    const sessionId = nextId();
    sessions.set(sessionId, { userId: `user-of-${email}`, generation: 1 });
    setCookie(res, `${sessionId}.1`);
    return { ...issue(sessionId), user: profile(email) };
  };
  const procedure = t.procedure.use(async ({ path, next }) => {
    const answer = await next();
    await desk.pass(path, 'after');
    return answer;
  });
  const credentials = z.strictObject({ email: z.string(), password: z.string() });

  const router = t.router({
    auth: t.router({
      register: procedure.input(credentials.extend({ name: z.string() })).mutation(() => {
        registration = {
          email: 'ada@example.com',
          state: 'waiting',
          mail: 'sent',
          expiresAt: null,
          resendAvailableAt: '2030-01-01T00:01:00Z',
        };
        return { status: 'check-your-inbox', expiresInSeconds: 1800 };
      }),
      registration: procedure.query(() => registration),
      login: procedure.input(credentials).mutation(({ ctx, input }) => {
        if (input.password !== 'right') throw new Refusal('UNAUTHORIZED', 'invalid-credentials');
        return signIn(ctx, input.email);
      }),
      verifyEmail: procedure.input(z.strictObject({ token: z.string() })).mutation(({ ctx, input }) => ({
        status: 'verified',
        session: input.token === 'without-proof' ? null : signIn(ctx, 'new@example.com'),
      })),
      refresh: procedure.mutation(({ ctx }) => {
        const [sessionId = '', generation] = cookieOf(ctx.req).split('.');
        const session = sessions.get(sessionId);
        if (session === undefined || Number(generation) > session.generation) {
          setCookie(ctx.res, '');
          throw new Refusal('UNAUTHORIZED', 'invalid-refresh-token');
        }
        session.generation += 1;
        setCookie(ctx.res, `${sessionId}.${session.generation}`);
        return issue(sessionId);
      }),
      logout: procedure.mutation(({ ctx }) => {
        sessions.delete(cookieOf(ctx.req).split('.')[0] ?? '');
        setCookie(ctx.res, '');
        return { status: 'signed-out' };
      }),
      me: procedure.query(({ ctx }) => {
        const session = sessions.get(tokens.get(ctx.req.headers.authorization?.slice('Bearer '.length) ?? '') ?? '');
        if (session === undefined) throw new Refusal('UNAUTHORIZED', 'unauthenticated');
        return profile(session.userId.slice('user-of-'.length));
      }),
    }),
  });

  const handler = createHTTPHandler({ router, createContext: ({ req, res }) => ({ req, res }), allowBatching: false });
  const server = createServer((req, res) => {
    const page = pages.get(req.url ?? '');
    if (page !== undefined) res.setHeader('content-type', page.type).end(page.body);
    else void desk.receive(req, res, handler);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...desk,
    endSessions: () => sessions.clear(),
    confirmRegistration: () => {
      if (registration !== null) registration = { ...registration, state: 'confirmed' };
    },
    forgetTokens: () => tokens.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createFrontDesk() {
  const calls: string[] = [];
  const canned = new Map<string, CannedAnswer[]>();
  const holds = new Map<string, { arrive: () => void; released: Promise<void>; when: 'before' | 'after' }[]>();

  const open = new Map<string, number>();
  const most = new Map<string, number>();

  const count = (path: string, res: ServerResponse) => {
    const now = (open.get(path) ?? 0) + 1;
    open.set(path, now);
    most.set(path, Math.max(now, most.get(path) ?? 0));
    res.on('close', () => open.set(path, (open.get(path) ?? 0) - 1));
  };
  const hold = (path: string, when: 'before' | 'after'): Hold => {
    const arrival = createGate();
    const release = createGate();
    holds.set(path, [...(holds.get(path) ?? []), { arrive: arrival.open, released: release.opened, when }]);
    return { arrived: arrival.opened, release: release.open };
  };

  async function pass(path: string, when: 'before' | 'after'): Promise<void> {
    if (holds.get(path)?.[0]?.when !== when) return;
    const held = holds.get(path)?.shift();
    held?.arrive();
    await held?.released;
  }

  async function receive(req: IncomingMessage, res: ServerResponse, handle: (req: IncomingMessage, res: ServerResponse) => unknown) {
    const path = (req.url ?? '').slice(1).split('?')[0] ?? '';
    calls.push(path);
    count(path, res);
    await pass(path, 'before');
    const answer = canned.get(path)?.shift();
    if (answer !== undefined) return sendCanned(res, answer);
    handle(req, res);
  }

  return {
    calls,
    receive,
    pass,
    mostAtOnce: (path: string) => most.get(path) ?? 0,
    answerNext: (path: string, answer: CannedAnswer) => void canned.set(path, [...(canned.get(path) ?? []), answer]),
    holdNext: (path: string) => hold(path, 'before'),
    holdNextAnswer: (path: string) => hold(path, 'after'),
  };
}

function createGate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function sendCanned(res: ServerResponse, { status, reason, headers = {}, drop = false, body }: CannedAnswer): void {
  if (drop) return void res.destroy();
  const error = { message: reason, code: -32000, data: { reason, httpStatus: status } };
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(body ?? JSON.stringify({ error }));
}

function cookieOf(req: IncomingMessage): string {
  return /(?:^|; )refresh=([^;]*)/.exec(req.headers.cookie ?? '')?.[1] ?? '';
}

function setCookie(res: ServerResponse, value: string): void {
  res.appendHeader('Set-Cookie', `refresh=${value}; HttpOnly; Path=/; SameSite=Strict${value === '' ? '; Max-Age=0' : ''}`);
}

function profile(email: string) {
  return { id: `user-of-${email}`, name: 'Ada', email, createdAt: '2030-01-01T00:00:00.000Z', lastLoginAt: null };
}
