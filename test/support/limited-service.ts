/** Answers as long as tokens are left: `burst` at most, `perSecond` more each second; like nftables' and iptables' limits. */
export function tokenLimit(perSecond: number, burst: number): (at: number) => boolean {
  let tokens = burst;
  let before = 0;
  return (at) => {
    tokens = Math.min(burst, tokens + ((at - before) * perSecond) / 1000);
    before = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** Answers so often in each second of its own clock, which is `phase` milliseconds ahead. */
export function windowLimit(perSecond: number, phase: number): (at: number) => boolean {
  let window = Number.NEGATIVE_INFINITY;
  let answered = 0;
  return (at) => {
    const current = Math.floor((at + phase) / 1000);
    if (current !== window) {
      window = current;
      answered = 0;
    }
    answered += 1;
    return answered <= perSecond;
  };
}
