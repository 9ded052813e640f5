import type { Fault } from "./faults.ts";
import type { Lab } from "./lab.ts";
import { nextHops, routeLine } from "./routes.ts";
import { nodeOf } from "./topology.ts";

/** Routing tables, and marks that choose them, from here on. */
const FIRST_TABLE = 100;

/**
 * The router chooses the next hop of every packet for the services by chance instead of by its flow: packets get a mark
 * at random, and each mark has a routing table with one of the equal-cost next hops.
 */
export async function spray(lab: Lab, router: string): Promise<Fault> {
  const node = nodeOf(lab.topology, router);
  const services = [...lab.topology.nodes.values()].filter((owner) => owner.services.length > 0);
  const hops = services.flatMap((owner) => nextHops(lab.topology, owner.name).get(router) ?? []);
  const marks = hops.map((_, index) => FIRST_TABLE + index);
  await lab.batch(router, [
    ...marks.map((mark) => `rule add fwmark ${mark} table ${mark}`),
    ...hops.flatMap((hop, index) =>
      lab.topology.services.map(
        // The table stands before the next hops.
        (address) =>
          routeLine(lab.topology, node, address, [hop]).replace(
            " nexthop",
            ` table ${FIRST_TABLE + index} nexthop`,
          ),
      ),
    ),
  ]);
  const { nft } = lab.topology.plan;
  const table = `${nft} ecl_spray`;
  const choice = `meta mark set numgen random mod ${hops.length} offset ${FIRST_TABLE}`;
  const chain = `chain c { type filter hook prerouting priority -150; ${nft} daddr { ${lab.topology.services.join(", ")} } ${choice}; }`;
  await lab.nft(router, `table ${table} {\n  ${chain}\n}\n`);
  return {
    heal: async () => {
      await lab.nft(router, `delete table ${table}\n`);
      await lab.batch(
        router,
        marks.map((mark) => `rule del fwmark ${mark} table ${mark}`),
      );
    },
  };
}
