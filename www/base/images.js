/** Samples that are images, as pixels. */

/** @typedef {{ channels: number, height: number, width: number }} Shape */

/** Whether samples of a shape are images. @param {Shape} shape */
export const isImage = ({ height, width }) => height > 1 && width > 1;

/**
 * RGBA of one sample with values in [−1, 1], channel by channel: grey from the first, or the first three as colours.
 * @param {Float32Array} values @param {Shape} shape
 */
export function imagePixels(values, { channels, height, width }) {
  const count = height * width;
  const pixels = new Uint8ClampedArray(4 * count);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) pixels[4 * i + channel] = (values[(channels >= 3 ? channel : 0) * count + i] + 1) * 127.5;
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}
