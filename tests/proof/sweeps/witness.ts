import { Browser } from '../../support/browser.ts';

/** A browser that remembers every secret it ever held: the cookies that were set and the access tokens that came. */
export class Witness extends Browser {
  readonly cookies: { readonly name: string; readonly token: string }[] = [];
  readonly accessTokens: string[] = [];

  override async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const answer = await super.fetch(url, init);
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', token = ''] = /^(?:__Host-)?(\w+)=([^;]*)/.exec(cookie) ?? [];
      if (token !== '') this.cookies.push({ name, token });
    }
    const [, accessToken] = /"accessToken":"([^"]+)"/.exec(await answer.clone().text()) ?? [];
    if (accessToken !== undefined) {
      this.accessTokens.push(accessToken);
      this.accessToken = accessToken;
    }
    return answer;
  }
}
