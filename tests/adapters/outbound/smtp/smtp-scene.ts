import { afterEach, beforeEach } from 'vitest';
import { openSmtpMailTransport, type SmtpMailTransportSettings } from '#adapters/outbound/smtp/open-smtp-mail-transport.ts';
import type { SmtpMailTransport } from '#adapters/outbound/smtp/smtp-mail-transport.ts';
import { openScriptedSmtp, type ScriptedSmtp, type ScriptedSmtpOptions } from '../../../support/scripted-smtp.ts';

/** Deadlines that a test can wait for, all of them apart. */
export const QUICK = { connectMs: 500, greetingMs: 150, silenceMs: 150, sendMs: 1_000, probeMs: 300 };

/** Gives each case a willing mail server, and closes that and what was opened to it. */
export function setUpSmtp(): SmtpScene {
  const scene = new SmtpScene();
  beforeEach(() => scene.serve());
  afterEach(() => scene.end());
  return scene;
}

/** A scripted mail server and transports to it. */
export class SmtpScene {
  readonly #closings: (() => void)[] = [];
  #server: ScriptedSmtp | undefined;

  get server(): ScriptedSmtp {
    if (this.#server === undefined) throw new Error('no mail server before the first case');
    return this.#server;
  }

  /** Puts another mail server in the place of this one. */
  async serve(options: ScriptedSmtpOptions = {}): Promise<void> {
    await this.#server?.close();
    this.#server = await openScriptedSmtp(options);
  }

  settings(changes: Partial<SmtpMailTransportSettings> = {}): SmtpMailTransportSettings {
    return { url: this.server.url, requireTls: false, from: FROM, appName: 'The Fort', deadlines: QUICK, ...changes };
  }

  transport(changes: Partial<SmtpMailTransportSettings> = {}): SmtpMailTransport {
    const { transport, close } = openSmtpMailTransport(this.settings(changes));
    this.#closings.push(close);
    return transport;
  }

  /** The commands that the server heard, without what followed them. */
  verbs(): string[] {
    return this.server.commands.map((command) => command.split(/[ :]/, 1)[0] ?? '');
  }

  async end(): Promise<void> {
    for (const close of this.#closings.splice(0)) close();
    await this.#server?.close();
  }
}

const FROM = { name: 'The Fort', address: 'no-reply@mail.example.org' };
