import { ContainerModule } from 'inversify';
import { type MailCatcher, openMailCatcher } from '#adapters/outbound/smtp/mail-catcher.ts';
import { type OpenSmtpMailTransport, openSmtpMailTransport } from '#adapters/outbound/smtp/open-smtp-mail-transport.ts';
import type { Config } from './config.ts';
import { tokens as T } from './tokens.ts';

/** The way to the mail server; with the embedded one, its inbox. */
export interface Post extends Omit<OpenSmtpMailTransport, 'close'> {
  readonly inbox: MailCatcher | null;
  close(): Promise<void>;
}

/** Embedded or not, the same SMTP adapter runs. */
export async function openPost(config: Config['mail'], { appName, now }: { appName: string; now: () => Date }): Promise<Post> {
  switch (config.kind) {
    case 'catcher': {
      const inbox = await openMailCatcher({ now });
      return post(openSmtpMailTransport({ url: inbox.smtpUrl, requireTls: false, from: config.from, appName }), inbox);
    }
    case 'smtp':
      return post(openSmtpMailTransport({ url: config.url, requireTls: config.requireTls, from: config.from, appName }), null);
  }
}

export function mailModule({ transport }: Post): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(T.transport).toConstantValue(transport);
  });
}

function post({ transport, close }: OpenSmtpMailTransport, inbox: MailCatcher | null): Post {
  return {
    transport,
    inbox,
    close: async () => {
      close();
      await inbox?.close();
    },
  };
}
