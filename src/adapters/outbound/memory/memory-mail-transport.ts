import type { Delivery, Mail, MailTransport } from '#application/ports/mail-transport.ts';
import { type EmailAddress, parseEmailAddress } from '#domain/email-address.ts';

/** Keeps mails instead of sending them. Takes every one unless told otherwise. */
export class MemoryMailTransport implements MailTransport {
  readonly #attempts: Mail[] = [];
  readonly #taken: Mail[] = [];
  readonly #answers: (Delivery | Promise<Delivery>)[] = [];
  #reachable = true;

  /** Every mail that was handed in with an address that may go on the wire, oldest first. */
  get attempts(): Mail[] {
    return structuredClone(this.#attempts);
  }

  /** Those of them that were accepted, oldest first. */
  get taken(): Mail[] {
    return structuredClone(this.#taken);
  }

  /** What the next sends answer, in this order; a promise keeps its send waiting. */
  answerNext(...answers: (Delivery | Promise<Delivery>)[]): void {
    this.#answers.push(...answers);
  }

  /** What `probe` answers from now on. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
  }

  async send(mail: Mail): Promise<Delivery> {
    if (!isSound(mail.to)) return { kind: 'refused', why: 'the address must not go on the wire' };
    const kept = structuredClone(mail);
    this.#attempts.push(kept);

    const delivery = (await this.#answers.shift()) ?? { kind: 'accepted' };
    if (delivery.kind === 'accepted') this.#taken.push(kept);
    return delivery;
  }

  async probe(): Promise<boolean> {
    return this.#reachable;
  }
}

function isSound(to: EmailAddress): boolean {
  const parsed = parseEmailAddress(to.mailbox);
  return parsed.ok && parsed.value.mailbox === to.mailbox && parsed.value.canonical === to.canonical;
}
