import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './self-signed-certificate.ts';

/** A moment at which the server speaks. `content` is the end of what follows DATA: by then the mail has arrived whole. */
export type Step = 'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'content' | 'RSET' | 'QUIT';

/**
 * What the server does at a step: replies (several lines may be joined by `\r\n`), says nothing for ever, hangs up without a word,
 * or trickles: a line of an endless reply every 20 ms, which no timeout for silence notices.
 */
export type Act = `${number} ${string}` | `${number}-${string}` | 'stall' | 'drop' | 'trickle';

/** What the server offers and asks for. */
export interface Capabilities {
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
  /** By `performance.now()`. */
  readonly arrivedAt: number;
  /** Whether the client was told that it is taken. */
  readonly taken: boolean;
}

export interface DialogueSetting {
  readonly log: { readonly mails: ArrivedMail[]; readonly commands: string[] };
  readonly capabilities: Capabilities;
  /** What the script wants at a step; `undefined` leaves it to a willing server. */
  readonly act: (step: Step, line: string) => Act | undefined;
}

/** One connection: SMTP as far as a mail transport speaks it (RFC 5321). */
export class Dialogue {
  readonly #setting: DialogueSetting;
  #stream: Socket | undefined;
  #heard = '';
  #content: string[] | undefined;
  #from = '';
  #to: string[] = [];
  #admitted: boolean;
  #silent = false;

  constructor(setting: DialogueSetting) {
    this.#setting = setting;
    this.#admitted = setting.capabilities.auth === undefined;
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
  say(step: Step, line: string, willing: Act): boolean {
    const act = this.#setting.act(step, line) ?? willing;
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
    if (this.#content !== undefined) {
      this.#hearContent(line, this.#content);
      return;
    }
    this.#setting.log.commands.push(line);

    const [verb = ''] = line.toUpperCase().split(/[ :]/, 1);
    switch (verb) {
      case 'EHLO':
        this.say('EHLO', line, this.#offers());
        return;
      case 'STARTTLS':
        if (this.say('STARTTLS', line, this.#setting.capabilities.tls ? '220 2.0.0 go ahead' : '502 5.5.1 not offered')) this.#upgrade();
        return;
      case 'AUTH':
        this.#admitted = this.say('AUTH', line, this.#answerLogin(line));
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
    const taken = this.say('content', this.#to.join(' '), '250 2.0.0 taken');
    this.#setting.log.mails.push({ from: this.#from, to: this.#to, messageId, raw, arrivedAt: performance.now(), taken });
  }

  #offers(): Act {
    const { auth, tls, pipelining } = this.#setting.capabilities;
    const offers = ['scripted.test', 'ENHANCEDSTATUSCODES', '8BITMIME'];
    if (pipelining) offers.push('PIPELINING');
    if (tls?.mode === 'starttls' && !(this.#stream instanceof TLSSocket)) offers.push('STARTTLS');
    if (auth !== undefined) offers.push('AUTH PLAIN');
    return `250-${offers.join('\r\n250-')}\r\n250 SIZE 1000000`;
  }

  #answerLogin(line: string): Act {
    const { auth } = this.#setting.capabilities;
    if (auth === undefined) return '502 5.5.1 not offered';
    const genuine = `AUTH PLAIN ${Buffer.from(`\0${auth.user}\0${auth.pass}`).toString('base64')}`;
    return line === genuine ? '235 2.7.0 welcome' : '535 5.7.8 wrong password';
  }

  #upgrade(): void {
    const { tls } = this.#setting.capabilities;
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
