/** Natural logarithm of the number of ways to choose `chosen` of `all`. */
export function logChoose(all: number, chosen: number): number {
  let sum = 0;
  for (let i = 1; i <= Math.min(chosen, all - chosen); i++) {
    sum += Math.log((all - i + 1) / i);
  }
  return sum;
}
