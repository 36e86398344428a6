import type { Script } from '../../support/scripted-smtp.ts';

/** A mail server that repeats what it was told, as many do: whoever logs its replies logs addresses. By what the address holds. */
export const talkative: Script = {
  RCPT: (line) => {
    const address = /<(.*)>/.exec(line)?.[1] ?? '';
    if (address.includes('unknown')) return `550 5.1.1 <${address}>: no such user, said ${line}`;
    if (address.includes('later')) return `451 4.2.0 <${address}>: greylisted, said ${line}`;
    if (address.includes('policy')) return `554 5.7.1 <${address}>: we do not like ${line}`;
    return undefined;
  },
};
