import { type Fault, rule, timeExceeded } from "../lab/faults.ts";
import type { Lab } from "../lab/lab.ts";
import { interfaceTo } from "../lab/topology.ts";

/** The router answers an expired TTL with this address, whatever it is asked through. */
export function answerAs(lab: Lab, router: string, address: string): Promise<Fault> {
  const { nft } = lab.topology.plan;
  return rule(lab, router, "output priority 0", `${timeExceeded(lab)} ${nft} saddr set ${address}`);
}

/** The router sends packets to the services over two next hops in turn by chance, whatever flow they are of. */
export async function balanceByPacket(
  lab: Lab,
  router: string,
  branches: readonly [string, string],
): Promise<Fault> {
  const { nft, hostBits } = lab.topology.plan;
  const lines = branches.flatMap((branch, index) => {
    const hop = interfaceTo(lab.topology, router, branch);
    const table = 7001 + index;
    return [
      ...lab.topology.services.map(
        (service) =>
          `route add ${service}/${hostBits} via ${hop.peerAddress} dev ${hop.name} table ${table}`,
      ),
      `rule add fwmark ${index + 1} table ${table} priority ${table}`,
    ];
  });
  await lab.batch(router, lines);
  const marks = `${nft} daddr { ${lab.topology.services.join(", ")} } meta mark set numgen random mod 2 offset 1`;
  return await rule(lab, router, "prerouting priority -150", marks);
}
