import { mailNetwork } from '#domain/client-network.ts';
import type { Registration } from '#domain/registration.ts';
import type { Client } from './client.ts';
import { OutboxFull, type QueueDeps, queueForStranger } from './mail-queue.ts';
import type { RegistrationRepository } from './ports/registration-repository.ts';

/**
 * Keeps a new registration, then queues its mail. Throws Unavailable when the outbox is full, and ends the registration:
 * nobody holds its secret, and with points given back nothing else would bound how many of them wait for their end.
 */
export async function startRegistration(
  deps: QueueDeps & { readonly registrations: RegistrationRepository },
  { registration, client, now }: { registration: Registration; client: Client; now: Date },
): Promise<void> {
  const { id, email } = registration;
  const intent = { kind: 'registration', registrationId: id, email, network: mailNetwork(client.ip) } as const;

  await deps.registrations.add(registration);
  try {
    await queueForStranger(deps, { intent, key: `registration:${id}`, now });
  } catch (error) {
    if (error instanceof OutboxFull) await deps.registrations.end(id, now);
    throw error;
  }
}
