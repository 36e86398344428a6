import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Act, type ArrivedMail, Dialogue, type Capabilities, type Step } from './smtp-dialogue.ts';

/** What to do otherwise than a willing server would. A function sees the client's line (of `content` the recipients) and may leave the step to the default. */
export type Script = { readonly [S in Step]?: Act | ((line: string) => Act | undefined) };

export interface ScriptedSmtpOptions extends Capabilities {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly script?: Script;
}

/**
 * A mail server on loopback that does as it is told, on real sockets.
 *
 * `const server = await openScriptedSmtp({ script: { RCPT: '550 5.1.1 nobody here' } })`, then point a client at `server.url`.
 * Afterwards `server.mails` holds what arrived and `server.commands` every line a client said outside a mail.
 */
export class ScriptedSmtp {
  /** Still known after closing, so that another may take its place. */
  readonly port: number;
  readonly mails: ArrivedMail[] = [];
  readonly commands: string[] = [];
  /** How many connections there ever were. */
  connections = 0;

  readonly #server: Server;
  readonly #options: ScriptedSmtpOptions;
  readonly #sockets = new Set<Socket>();
  readonly #steps = new EventEmitter();
  #script: Script;

  /** `server` listens already. */
  constructor(server: Server, options: ScriptedSmtpOptions) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#options = options;
    this.#script = options.script ?? {};
    server.on('connection', (socket) => this.#welcome(socket));
  }

  /** With the login in it, if there is one. */
  get url(): string {
    const { auth, tls } = this.#options;
    const login = auth === undefined ? '' : `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.pass)}@`;
    return `${tls?.mode === 'implicit' ? 'smtps' : 'smtp'}://${login}127.0.0.1:${this.port}`;
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** The ids of all mails that arrived, copies included. */
  get messageIds(): string[] {
    return this.mails.map(({ messageId }) => messageId);
  }

  /** Replaces the script, also for connections that are open; one that stalls goes on stalling. */
  follow(script: Script): void {
    this.#script = script;
  }

  /** Resolves when a client next comes to this step. */
  async reached(step: Step): Promise<void> {
    await once(this.#steps, step);
  }

  /** Resolves when the last open connection has ended. */
  async deserted(): Promise<void> {
    while (this.#sockets.size > 0) await once(this.#steps, 'hangup');
  }

  /** Cuts all connections and stops listening. May be called twice. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #welcome(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#steps.emit('hangup');
    });

    const { tls } = this.#options;
    const stream = tls?.mode === 'implicit' ? new TLSSocket(socket, { isServer: true, key: tls.key, cert: tls.cert }) : socket;
    const dialogue = new Dialogue({ log: this, capabilities: this.#options, act: (step, line) => this.#act(step, line) });
    dialogue.speakOver(stream);
    dialogue.say('greeting', '', '220 scripted.test ESMTP');
  }

  #act(step: Step, line: string): Act | undefined {
    this.#steps.emit(step);
    const act = this.#script[step];
    return typeof act === 'function' ? act(line) : act;
  }
}

/** Opens a scripted mail server on loopback. */
export async function openScriptedSmtp(options: ScriptedSmtpOptions = {}): Promise<ScriptedSmtp> {
  const server = createServer();
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return new ScriptedSmtp(server, options);
}
