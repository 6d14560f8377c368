/** Where a screen writes to. */
export interface Output {
  write(text: string): void
  /** Whether it is shown as it is written: then there is room for progress. */
  isLive(): boolean
}

/**
 * Outputs of what runs side by side on one terminal. The first that has not ended is shown live. The others are held back until
 * it is their turn, so that each is one block and the blocks keep their order.
 */
export class Turns {
  readonly #show: (text: string) => void
  readonly #outputs: { held: string; hasEnded: boolean }[] = []
  #current = 0

  constructor(show: (text: string) => void) {
    this.#show = show
  }

  /** The next output; `end` it once nothing more is written to it. */
  next(): Output & { end(): void } {
    const own = { held: '', hasEnded: false }
    const index = this.#outputs.push(own) - 1
    return {
      write: (text) => {
        if (index === this.#current) this.#show(text)
        else own.held += text
      },
      isLive: () => index === this.#current,
      end: () => {
        own.hasEnded = true
        this.#advance()
      },
    }
  }

  #advance(): void {
    while (this.#outputs[this.#current]?.hasEnded === true) {
      this.#current += 1
      const next = this.#outputs[this.#current]
      if (next !== undefined && next.held !== '') this.#show(next.held)
    }
  }
}
