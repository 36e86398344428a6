import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './self-signed-certificate.ts';

/** A moment at which the server speaks. `content` is the end of what follows DATA: by then the mail has arrived whole. */
export type Step = 'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'content' | 'RSET' | 'QUIT';

/**
 * What the server does at a step: replies (several lines may be joined by `\r\n`), says nothing for ever, hangs up without a word,
 * or trickles: a line of an endless reply every 20 ms, which no timeout for silence notices.
 */
export type Act = `${number} ${string}` | `${number}-${string}` | 'stall' | 'drop' | 'trickle';

/** What to do otherwise than a willing server would. A function sees the client's line and may leave the step to the default. */
export type Script = { readonly [S in Step]?: Act | ((line: string) => Act | undefined) };

export interface ScriptedSmtpOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly script?: Script;
  /** Makes the server offer STARTTLS, or speak TLS from the first byte. */
  readonly tls?: Certificate & { readonly mode: 'starttls' | 'implicit' };
  /** Makes the server ask for this login (AUTH PLAIN); any other gets a 535. */
  readonly auth?: { readonly user: string; readonly pass: string };
  /** Whether commands may come in a batch. */
  readonly pipelining?: boolean;
}

/** A mail that arrived whole, whatever was then said about it. `messageId` without its angle brackets. */
export interface ArrivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
  readonly raw: string;
  /** Whether the client was told that it is taken. */
  readonly taken: boolean;
}

/**
 * A mail server on loopback that does as it is told, on real sockets.
 *
 * `const server = await openScriptedSmtp({ script: { RCPT: '550 5.1.1 nobody here' } })`, then point a client at `server.url`.
 * Afterwards `server.mails` holds what arrived and `server.commands` every line a client said outside a mail.
 */
export class ScriptedSmtp {
  readonly mails: ArrivedMail[] = [];
  readonly commands: string[] = [];
  /** How many connections there ever were. */
  connections = 0;

  readonly #server: Server;
  readonly #options: ScriptedSmtpOptions;
  readonly #sockets = new Set<Socket>();
  readonly #steps = new EventEmitter();
  #script: Script;

  constructor(server: Server, options: ScriptedSmtpOptions) {
    this.#server = server;
    this.#options = options;
    this.#script = options.script ?? {};
    server.on('connection', (socket) => this.#welcome(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
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
    const dialogue = new Dialogue(this, this.#options, (step, line) => this.#act(step, line));
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
  const scripted = new ScriptedSmtp(server, options);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return scripted;
}

/** One connection: SMTP as far as a mail transport speaks it (RFC 5321). */
class Dialogue {
  readonly #log: { readonly mails: ArrivedMail[]; readonly commands: string[] };
  readonly #options: ScriptedSmtpOptions;
  readonly #act: (step: Step, line: string) => Act | undefined;
  #stream: Socket | undefined;
  #heard = '';
  #content: string[] | undefined;
  #from = '';
  #to: string[] = [];
  #admitted: boolean;
  #silent = false;

  constructor(log: ScriptedSmtp, options: ScriptedSmtpOptions, act: (step: Step, line: string) => Act | undefined) {
    this.#log = log;
    this.#options = options;
    this.#act = act;
    this.#admitted = options.auth === undefined;
  }

  speakOver(stream: Socket): void {
    this.#stream?.removeAllListeners('data');
    this.#stream = stream;
    this.#heard = '';
    stream.on('error', () => {});
    stream.on('data', (chunk) => {
      this.#heard += chunk.toString('latin1');
      for (let end = this.#heard.indexOf('\r\n'); end >= 0; end = this.#heard.indexOf('\r\n')) {
        const line = this.#heard.slice(0, end);
        this.#heard = this.#heard.slice(end + 2);
        if (!this.#silent) this.#hear(line);
      }
    });
  }

  /** Does what the script wants at a step, or gives the reply of a willing server. True if the reply was a yes. */
  say(step: Step, line: string, willing: string): boolean {
    const act = this.#act(step, line) ?? willing;
    if (act === 'stall' || act === 'drop' || act === 'trickle') {
      this.#silent = true;
      if (act === 'drop') this.#stream?.destroy();
      if (act === 'trickle') this.#trickle();
      return false;
    }
    this.#stream?.write(`${act}\r\n`);
    return act.startsWith('2') || act.startsWith('3');
  }

  #hear(line: string): void {
    if (this.#content !== undefined) return this.#hearContent(line, this.#content);
    this.#log.commands.push(line);

    const [verb = ''] = line.toUpperCase().split(/[ :]/, 1);
    switch (verb) {
      case 'EHLO':
        this.say('EHLO', line, this.#capabilities());
        return;
      case 'STARTTLS':
        if (this.say('STARTTLS', line, '220 2.0.0 go ahead')) this.#upgrade();
        return;
      case 'AUTH':
        this.#admitted = this.say('AUTH', line, this.#knows(line) ? '235 2.7.0 welcome' : '535 5.7.8 wrong password');
        return;
      case 'MAIL':
        this.#from = /<(.*)>/.exec(line)?.[1] ?? '';
        this.#to = [];
        this.say('MAIL', line, this.#admitted ? '250 2.1.0 ok' : '530 5.7.0 log in first');
        return;
      case 'RCPT':
        if (this.say('RCPT', line, '250 2.1.5 ok')) this.#to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        return;
      case 'DATA':
        if (this.say('DATA', line, this.#to.length > 0 ? '354 go ahead' : '554 5.5.1 no valid recipients')) this.#content = [];
        return;
      case 'RSET':
        this.say('RSET', line, '250 2.0.0 ok');
        return;
      case 'QUIT':
        this.say('QUIT', line, '221 2.0.0 bye');
        this.#stream?.end();
        return;
      default:
        this.#stream?.write('502 5.5.1 not understood\r\n');
    }
  }

  #hearContent(line: string, content: string[]): void {
    if (line !== '.') {
      content.push(line.replace(/^\./, ''));
      return;
    }
    this.#content = undefined;
    const raw = content.join('\r\n');
    const messageId = /^Message-ID:\s*<(.*)>/im.exec(raw)?.[1] ?? '';
    const taken = this.say('content', '', '250 2.0.0 taken');
    this.#log.mails.push({ from: this.#from, to: this.#to, messageId, raw, taken });
  }

  #capabilities(): string {
    const { auth, tls, pipelining } = this.#options;
    const offers = ['scripted.test', 'ENHANCEDSTATUSCODES', '8BITMIME'];
    if (pipelining) offers.push('PIPELINING');
    if (tls?.mode === 'starttls' && !(this.#stream instanceof TLSSocket)) offers.push('STARTTLS');
    if (auth !== undefined) offers.push('AUTH PLAIN');
    return offers.map((offer, index) => `250${index === offers.length - 1 ? ' ' : '-'}${offer}`).join('\r\n');
  }

  #knows(line: string): boolean {
    const { user, pass } = this.#options.auth ?? { user: '', pass: '' };
    return line === `AUTH PLAIN ${Buffer.from(`\0${user}\0${pass}`).toString('base64')}`;
  }

  #upgrade(): void {
    const { tls } = this.#options;
    const plain = this.#stream;
    if (tls === undefined || plain === undefined) return;
    plain.removeAllListeners('data');
    this.speakOver(new TLSSocket(plain, { isServer: true, key: tls.key, cert: tls.cert }));
  }

  #trickle(): void {
    const stream = this.#stream;
    const timer = setInterval(() => stream?.write('250-wait\r\n'), 20);
    stream?.once('close', () => clearInterval(timer));
  }
}
