import { randomBytes } from 'node:crypto';
import { formsOf } from './forms.ts';

/** Words that occur nowhere else, each put in one place, to be looked for where nothing of it may come out. */
export class Canaries {
  readonly #released = new Map<string, string>();

  /** A new one; `where` is for the message of a failure. */
  release(where: string): string {
    const canary = `canary${randomBytes(12).toString('hex')}`;
    this.#released.set(canary, where);
    return canary;
  }

  /** One in an address, which may be told as `c***@example.com`. */
  address(where: string): string {
    return `${this.release(where)}@example.com`;
  }

  /** Something that the service made, or was started with, to be looked for as well. */
  guard(where: string, secret: string): void {
    if (secret.length < 16) throw new Error(`${where} could turn up by chance`);
    this.#released.set(secret, where);
  }

  get size(): number {
    return this.#released.size;
  }

  /** Which of them, as they are or in some encoding, are in a text. */
  heardIn(text: string): string[] {
    const bytes = Buffer.from(text);
    return [...this.#released].flatMap(([canary, where]) => {
      const form = formsOf(canary).find((each) => bytes.includes(each));
      return form === undefined ? [] : [`${where}: ${around(text, form.toString())}`];
    });
  }
}

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 150), at + form.length + 50);
}
