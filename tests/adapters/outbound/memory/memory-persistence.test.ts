import { describeLeaseContract } from '../../../contracts/lease.contract.ts';
import type { Open } from '../../../contracts/opened.ts';
import { describeOutboxContract } from '../../../contracts/outbox.contract.ts';
import { describeRegistrationRepositoryContract } from '../../../contracts/registration-repository.contract.ts';
import { describeSessionRepositoryContract } from '../../../contracts/session-repository.contract.ts';
import { describeUserRepositoryContract } from '../../../contracts/user-repository.contract.ts';
import { MemoryLease } from '#adapters/outbound/memory/memory-lease.ts';
import { MemoryOutbox } from '#adapters/outbound/memory/memory-outbox.ts';
import { MemoryRegistrationRepository } from '#adapters/outbound/memory/memory-registration-repository.ts';
import { MemorySessionRepository } from '#adapters/outbound/memory/memory-session-repository.ts';
import { MemoryUserRepository } from '#adapters/outbound/memory/memory-user-repository.ts';

function inMemory<T>(make: () => T): Open<T> {
  return async () => ({ adapter: make(), close: () => undefined });
}

describeRegistrationRepositoryContract(
  'memory',
  inMemory(() => new MemoryRegistrationRepository()),
);
describeUserRepositoryContract(
  'memory',
  inMemory(() => new MemoryUserRepository()),
);
describeSessionRepositoryContract(
  'memory',
  inMemory(() => new MemorySessionRepository()),
);
describeOutboxContract(
  'memory',
  inMemory(() => new MemoryOutbox()),
);
describeLeaseContract(
  'memory',
  inMemory(() => new MemoryLease()),
);
