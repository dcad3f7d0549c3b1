import { NONE } from './node-table.js';

const FIRST_CAPACITY = 4096;

/** Which entry of which layer the content of a row is. */
export class OriginTable {
  private layers = new Int16Array(FIRST_CAPACITY).fill(NONE);
  private ordinals = new Int32Array(FIRST_CAPACITY).fill(NONE);

  set(row: number, layer: number, ordinal: number): void {
    while (row >= this.layers.length) this.grow();
    this.layers[row] = layer;
    this.ordinals[row] = ordinal;
  }

  copy(row: number, from: number): void {
    this.set(row, this.layer(from), this.ordinal(from));
  }

  layer(row: number): number {
    return this.layers[row] ?? NONE;
  }

  ordinal(row: number): number {
    return this.ordinals[row] ?? NONE;
  }

  private grow(): void {
    const layers = new Int16Array(this.layers.length * 2).fill(NONE);
    layers.set(this.layers);
    this.layers = layers;
    const ordinals = new Int32Array(this.ordinals.length * 2).fill(NONE);
    ordinals.set(this.ordinals);
    this.ordinals = ordinals;
  }
}
