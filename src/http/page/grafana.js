/**
 * The dashboard that shows more of what is looked at.
 * @param {string | null | undefined} base where Grafana is
 * @param {string | undefined} target name of the target, undefined for all
 * @returns {string | undefined} undefined where it is not known
 */
export function grafanaAddress(base, target) {
  if (!base) return undefined;
  const address = new URL(base);
  const folder = address.pathname.replace(/\/+$/, "");
  address.pathname = `${folder}/d/${target === undefined ? "ecmp-overview" : "ecmp-target"}`;
  if (target !== undefined) address.searchParams.set("var-target", target);
  return address.href;
}
