/** Lets any number of workers rest until time is up or somebody rings. Rings are counted, so that none is lost on who was about to rest. */
export class Bell {
  readonly #resting = new Set<() => void>();
  #rings = 0;
  #closed = false;

  /** How often it rang: to be read before looking for work, and handed to `rest` when there was none. */
  get rings(): number {
    return this.#rings;
  }

  /** Over at once if it rang since `heard`, or if it is closed. */
  async rest(ms: number, heard = this.#rings): Promise<void> {
    if (this.#closed || heard !== this.#rings) return;
    await new Promise<void>((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        this.#resting.delete(rise);
        resolve();
      };
      const timer = setTimeout(rise, ms);
      this.#resting.add(rise);
    });
  }

  ring(): void {
    this.#rings += 1;
    for (const rise of [...this.#resting]) rise();
  }

  /** Nobody rests any more. */
  close(): void {
    this.#closed = true;
    this.ring();
  }
}
