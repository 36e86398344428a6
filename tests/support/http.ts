import { type OutgoingHttpHeaders, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { openDoor } from './door.ts';
import { type AppDeps, createApp } from '#adapters/inbound/express/create-app.ts';
import { createHttpServer } from '#adapters/inbound/express/http-server.ts';
import { appRouter } from '#adapters/inbound/trpc/app-router.ts';
import type { UseCases } from '#adapters/inbound/trpc/context.ts';
import { ChangeRegistrationEmail } from '#application/use-cases/change-registration-email.ts';
import { DisownRegistration } from '#application/use-cases/disown-registration.ts';
import type { Client } from '#application/client.ts';
import type { SecurityEvent } from '#application/ports/security-log.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly cookies: readonly string[];
  readonly body: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Sent piece by piece, without a length. */
  readonly chunks?: readonly (string | Buffer)[];
}

export type Door = ReturnType<typeof openDoor>;
type DoorOverrides = Parameters<typeof openDoor>[0];

/** The use cases of a door under the names that procedures know. */
export function inboundUseCases({ useCases, deps }: Door): UseCases {
  return {
    registerUser: useCases.register,
    getRegistration: useCases.view,
    resendVerification: useCases.resend,
    changeRegistrationEmail: new ChangeRegistrationEmail({ ...deps, policy: { ttlMs: 1_800_000 } }),
    disownRegistration: new DisownRegistration(deps),
    verifyEmail: useCases.verify,
    login: useCases.login,
    rotateRefresh: useCases.refresh,
    logout: useCases.logout,
    getProfile: useCases.profile,
  };
}

/** The whole HTTP side over adapters in memory, listening on loopback. */
export async function openHttp(overrides: Partial<AppDeps> = {}, doorOverrides: DoorOverrides = {}) {
  const door = openDoor(doorOverrides);
  const errors: { readonly error: unknown; readonly requestId: string; readonly path: string }[] = [];
  const events: { readonly event: SecurityEvent; readonly client: Client | null }[] = [];
  const app = createApp({
    useCases: inboundUseCases(door),
    securityLog: { record: (event, client) => events.push({ event, client }) },
    publicUrl: 'https://door.example',
    corsOrigins: ['https://app.door.example'],
    now: () => door.clock.now(),
    onError: (error, at) => errors.push({ error, ...at }),
    router: appRouter,
    trustProxy: false,
    newRequestId: () => randomUUID(),
    inbox: null,
    checks: { persistence: () => 'ok', limiter: () => 'ok', mail: () => 'ok' },
    isStopping: () => false,
    jwks: { keys: [] },
    ...overrides,
  });
  const http = createHttpServer(app);
  await http.listen({ host: '127.0.0.1', port: 0 });
  const port = portOf(http.server.address());

  return {
    door,
    errors,
    events,
    port,
    send: (path: string, sent: Sent = {}) => send(port, path, sent),
    /** One procedure, as our own page would call it. */
    call: (procedure: string, input?: unknown, headers: OutgoingHttpHeaders = {}) =>
      send(port, `/trpc/${procedure}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://door.example', ...headers },
        ...(input === undefined ? {} : { body: JSON.stringify(input) }),
      }),
    close: () => http.stop(0),
  };
}

export type Http = Awaited<ReturnType<typeof openHttp>>;

/** A request with nothing added and nothing forbidden, unlike `fetch`: any method, Host, Origin or framing. */
export function send(port: number, path: string, { method = 'GET', headers = {}, body, chunks }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = chunks === undefined && body !== undefined ? { 'content-length': Buffer.byteLength(body) } : {};
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers: { ...length, ...headers }, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject).on('end', () => {
        const { statusCode = 0, headers: answered } = incoming;
        resolve({ status: statusCode, headers: answered, cookies: answered['set-cookie'] ?? [], body: text });
      });
    });
    outgoing.on('error', reject);
    for (const chunk of chunks ?? []) outgoing.write(chunk);
    outgoing.end(body);
  });
}

export function portOf(address: unknown): number {
  if (typeof address !== 'object' || address === null || !('port' in address)) throw new Error('It does not listen.');
  return Number(address.port);
}

interface ErrorBody {
  readonly error?: { readonly message: string; readonly code: number; readonly data: Readonly<Record<string, unknown>> };
}

/** `error.data` of a refused call; fails when it was not refused in tRPC's form. */
export function errorDataOf({ status, body }: Answer): Readonly<Record<string, unknown>> {
  const { error } = JSON.parse(body) as ErrorBody;
  if (error === undefined) throw new Error(`Not refused: ${status} ${body}`);
  return error.data;
}

/** What a call answered; fails when it was refused. */
export function resultOf({ status, body }: Answer): unknown {
  const { result } = JSON.parse(body) as { result?: { data: unknown } };
  if (result === undefined) throw new Error(`Refused: ${status} ${body}`);
  return result.data;
}
