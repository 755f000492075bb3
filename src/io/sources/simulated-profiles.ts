/**
 * Links as they are found: what bytes come from, in three numbers each. Of published figures the
 * sustained ones for single users or single drives, not the peaks.
 */
import { assertNumber } from '../../base/assert.ts';

/** Read again all the time: change it while reads are running. */
export interface SimulatedLink {
  /** Shared evenly by all reads past their latency; `Infinity` is no limit, 0 stands still. */
  bandwidthBytesPerSecond: number;
  /** From a read's start to its first byte. */
  latencySeconds: number;
  /**
   * A disk with one head: reads take turns in order of arrival, and one that does not begin where
   * the last one ended waits this long first. Absent or 0: none.
   */
  seekSeconds?: number;
}

const MBIT: number = 1e6 / 8;

export type SimulatedProfile = 'nvme' | 'sata' | 'hdd' | '5g' | '4g' | '3g' | 'satellite';

export const SIMULATED_PROFILES: Readonly<Record<SimulatedProfile, Readonly<SimulatedLink>>> = {
  /** PCIe 3 x4: 3.5 GB/s sequential, 19,000 random 4 KiB reads/s at queue depth 1. Samsung 970 EVO Plus, data sheet 2019. */
  nvme: { bandwidthBytesPerSecond: 3.5e9, latencySeconds: 5e-5 },
  /** 560 MB/s sequential, 13,000 random 4 KiB reads/s at queue depth 1. Samsung 870 EVO, data sheet 2021. */
  sata: { bandwidthBytesPerSecond: 5.6e8, latencySeconds: 7.7e-5 },
  /** 7200 rpm: 150 MB/s; average seek 8.5 to 9 ms. Half a turn of 4.2 ms is left out, as queues hide part of it. */
  hdd: { bandwidthBytesPerSecond: 1.5e8, latencySeconds: 2e-4, seekSeconds: 0.009 },
  /** 100 Mbit/s is the experienced rate that ITU-R M.2410 (2017) asks of 5G; 30 ms is an estimate for public networks. */
  '5g': { bandwidthBytesPerSecond: 100 * MBIT, latencySeconds: 0.03 },
  /** WebPageTest, profile "4G": 9 Mbit/s down, 170 ms round trip. */
  '4g': { bandwidthBytesPerSecond: 9 * MBIT, latencySeconds: 0.17 },
  /** WebPageTest, profile "3G": 1.6 Mbit/s down, 300 ms round trip. */
  '3g': { bandwidthBytesPerSecond: 1.6 * MBIT, latencySeconds: 0.3 },
  /** Geostationary: up and down twice at 35,786 km is 477 ms, about 600 with its gateways; 25 Mbit/s is the common tariff. */
  satellite: { bandwidthBytesPerSecond: 25 * MBIT, latencySeconds: 0.6 },
};

/** Throws unless every figure of the link is possible. */
export function checkLink(link: SimulatedLink): void {
  const { bandwidthBytesPerSecond, latencySeconds, seekSeconds = 0 } = link;
  if (bandwidthBytesPerSecond !== Number.POSITIVE_INFINITY)
    assertNumber('bandwidthBytesPerSecond', bandwidthBytesPerSecond, 0);
  assertNumber('latencySeconds', latencySeconds, 0, 3600);
  assertNumber('seekSeconds', seekSeconds, 0, 60);
}
