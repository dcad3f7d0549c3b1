/** Where a browser ended up. */
export interface Visited {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
}

/** How the first address is asked for; redirects are followed by GET without a body, as browsers do after a form. */
export interface Visit {
  readonly method?: string;
  readonly body?: string | URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser without a screen: it keeps cookies, by origin, and follows redirects. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  async visit(address: string | URL, visit: Visit = {}): Promise<Visited> {
    let url = new URL(address);
    let { method = 'GET', body } = visit;
    for (let hops = 0; hops < 12; hops += 1) {
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        headers: { cookie: this.cookiesOf(url), ...visit.headers },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(60_000),
      });
      this.keep(url, response.headers.getSetCookie());
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { url, status: response.status, text };
      url = new URL(location, url);
      method = 'GET';
      body = undefined;
    }
    throw new Error(`${String(address)} redirects without end`);
  }

  /** The cookies that it would send there. */
  cookiesOf(url: string | URL): string {
    return [...(this.jars.get(new URL(url).origin) ?? [])]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }

  private keep(url: URL, lines: readonly string[]): void {
    const jar = this.jars.get(url.origin) ?? new Map<string, string>();
    this.jars.set(url.origin, jar);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}
