// The lab's random numbers: the same, to the last bit, as those of `chainrule.Xoshiro128` in Python, in any browser.
//
// xoshiro128** of Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c, with a state of four 32-bit words. Stream k
// of a seed starts from the outputs 2k and 2k + 1 of SplitMix64, https://prng.di.unimi.it/splitmix64.c, the low word of each
// first. Everything after that is made of + - × / √ alone, which every machine rounds alike.

/** Output i = 0, 1, … of SplitMix64.
 * @param {number | bigint} seed @param {number} i */
export const splitMix64 = (seed, i) => {
  let z = BigInt.asUintN(64, BigInt(seed) + BigInt(i + 1) * 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
};

/** The natural logarithm of 0 < x < 1: `k log 2 + 2 artanh((m - 1) / (m + 1))` with `x = 2^k m`, 3/4 ≤ m < 3/2.
 * @param {number} x */
export const log = (x) => {
  let [k, m] = [0, x];
  for (; m < 0.75; m *= 2) k -= 1;
  const s = (m - 1) / (m + 1); // |s| ≤ 1/5
  let sum = 0;
  for (let n = 25; n > 0; n -= 2) sum = sum * (s * s) + 1 / n;
  return k * Math.LN2 + 2 * s * sum;
};

export class Xoshiro128 {
  /** @param {number} seed a whole number, at least 0 @param {number} [stream] which of its independent streams */
  constructor(seed, stream = 0) {
    const [first, second] = [splitMix64(seed, 2 * stream), splitMix64(seed, 2 * stream + 1)];
    this.state = Int32Array.from([first, first >> 32n, second, second >> 32n], (word) => Number(BigInt.asIntN(32, word)));
  }

  /** The next output, a whole number from 0 to 2^32 - 1. */
  u32() {
    const s = this.state;
    const r = Math.imul(s[1], 5);
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return Math.imul((r << 7) | (r >>> 25), 9) >>> 0;
  }

  /** Uniform on [0, 1), a multiple of 2^-53: 27 bits of one output, then 26 of the next. */
  random() {
    const high = this.u32() >>> 5;
    return (high * 0x4000000 + (this.u32() >>> 6)) / 0x20000000000000;
  }

  /** @param {number} low @param {number} high */
  uniform(low, high) {
    return low + (high - low) * this.random();
  }

  /** A whole number from 0 to n - 1. @param {number} n from 1 to 2^21 */
  integers(n) {
    const one = new Int32Array(1);
    this.fillIntegers(n, one);
    return one[0];
  }

  /**
   * Fill an array with `integers(n)`. Every number is as likely as any other: the high word of `output · n`, drawn again where
   * the low word is below 2^32 mod n (Lemire 2019). The product is exact in a double.
   * @param {number} n from 1 to 2^21
   * @param {Int32Array} out
   * @param {number} [count] how many, from the first on
   */
  fillIntegers(n, out, count = out.length) {
    if (!(n >= 1 && n <= 2 ** 21)) throw new RangeError(`n must be from 1 to 2^21, got ${n}`);
    const refused = 2 ** 32 % n;
    // The steps of `u32`, with the state in variables: drawn one by one they would take longer than the training.
    let [a, b, c, d] = this.state;
    for (let i = 0; i < count; ) {
      const r = Math.imul(b, 5);
      const output = Math.imul((r << 7) | (r >>> 25), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      out[i] = (output * n) / 0x100000000;
      if (Math.imul(output, n) >>> 0 >= refused) i += 1;
    }
    this.state.set([a, b, c, d]);
  }

  /** Standard normal, by Box and Muller's method in Marsaglia's polar form: of the two values it makes, the first. */
  standardNormal() {
    for (;;) {
      const u = 2 * this.random() - 1;
      const v = 2 * this.random() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * log(s)) / s);
    }
  }
}
