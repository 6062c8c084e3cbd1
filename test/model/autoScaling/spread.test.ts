import assert from "node:assert/strict";
import fc from "fast-check";
import { Instance } from "../../../model/autoScaling/group";
import { givenUp, imbalance, placeOfLaunch } from "../../../model/autoScaling/spread";
import { group, OLD } from "./world";

const ZONES = ["zone-1", "zone-2", "zone-3"];
const { group: settings } = group({ desired: 0 });

const instances = fc
  .array(fc.record({ zone: fc.constantFrom(...ZONES), version: fc.integer({ min: 1, max: 3 }), since: fc.nat(9) }))
  .map((all) =>
    all.map(({ zone, version, since }, i): Instance => ({
      InstanceId: `i-${i}`,
      AvailabilityZone: zone,
      SubnetId: `subnet-${zone}`,
      LifecycleState: "InService",
      HealthStatus: "Healthy",
      LaunchTemplate: { ...OLD, Version: `${version}` },
      ProtectedFromScaleIn: false,
      since,
    })),
  );

const count = (zone: string | undefined, all: readonly Instance[]) =>
  all.filter((i) => i.AvailabilityZone === zone).length;

describe("an Auto Scaling group's spread", () => {
  it("launches where there are fewest of the zones that can, and says where it failed before", () => {
    fc.assert(
      fc.property(instances, fc.subarray(ZONES), (all, unavailable) => {
        const { place, failed } = placeOfLaunch(settings, all, unavailable);
        const available = ZONES.filter((zone) => !unavailable.includes(zone));
        if (place === undefined) {
          assert.deepEqual([available, failed.length], [[], 3]);
          return;
        }
        const here = count(place.AvailabilityZone, all);
        assert.equal(here, Math.min(...available.map((zone) => count(zone, all))));
        assert.equal(place.SubnetId, `subnet-${place.AvailabilityZone}`);
        assert.ok(failed.every((zone) => unavailable.includes(zone) && count(zone, all) <= here));
      }),
    );
  });

  it("gives up in the fullest zone of the candidates, there the oldest template's, of these the oldest", () => {
    fc.assert(
      fc.property(instances, fc.nat(), (all, seed) => {
        const candidates = all.filter((_, i) => (seed >> i) % 2 === 0);
        const chosen = givenUp(candidates, all);
        assert.equal(chosen === undefined, candidates.length === 0);
        const fullest = Math.max(...candidates.map((i) => count(i.AvailabilityZone, all)));
        const there = candidates.filter((i) => count(i.AvailabilityZone, all) === fullest);
        const version = Math.min(...there.map((i) => Number(i.LaunchTemplate.Version)));
        const oldest = there.filter((i) => Number(i.LaunchTemplate.Version) === version);
        assert.ok(
          chosen === undefined || (oldest.includes(chosen) && oldest.every((i) => i.since >= chosen.since)),
          chosen?.InstanceId,
        );
      }),
    );
  });

  it("is even after as many launches and terminations as it is off", () => {
    fc.assert(
      fc.property(instances, (all) => {
        let current = [...all];
        for (let i = 0; i < all.length; i++) {
          const { place } = placeOfLaunch(settings, current);
          current.push({ ...(all[0] as Instance), InstanceId: `new-${i}`, ...place });
          const gone = givenUp(current, current);
          current = current.filter((one) => one !== gone);
        }
        assert.equal(current.length, all.length);
        assert.ok(imbalance(ZONES, current) <= 1);
      }),
    );
  });
});
