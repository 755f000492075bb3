/** The fixed numbers of the flythrough's worlds, camera and clock, all in one place. */

/** One frame (s) and frames of a flight. */
export const FRAME_SECONDS: number = 1 / 30;
export const FLIGHT_SECONDS = 40;
export const FRAME_COUNT: number = Math.round(FLIGHT_SECONDS / FRAME_SECONDS);

/** LODs of every object. Level 0 is the COARSEST, `LOD_COUNT - 1` the finest, -1 nothing. */
export const LOD_COUNT = 5;
/** Columns of a table over "best level shown": nothing, then each level from coarse to fine. */
export const STATE_COUNT: number = LOD_COUNT + 1;

/** The picture: 1080 lines at a vertical field of view of 60°, 16:9. */
export const SCREEN_HEIGHT_PX = 1080;
export const SCREEN_AREA_PX: number = 1920 * SCREEN_HEIGHT_PX;
/** Pixels that one meter covers at a distance of one meter. */
export const PX_PER_RADIAN: number = SCREEN_HEIGHT_PX / (2 * Math.tan(Math.PI / 6));
/** Half of the horizontal field of view (radians). */
export const HALF_FOV_RADIANS: number = Math.atan((Math.tan(Math.PI / 6) * 16) / 9);

/** Geometric error on the screen up to which a level is good enough (px). */
export const TARGET_ERROR_PX = 4;
/** Nothing farther than this is seen (m), and nothing that covers less than `MIN_SIZE_PX`. */
export const FAR_METERS = 600;
export const MIN_SIZE_PX = 6;

/** Geometric error of level 0 by the object's radius; each finer level halves it. */
export const COARSEST_ERROR_PER_RADIUS = 0.2;
/** Levels that "nothing" is worse than level 0: nothing counts as an error of the diameter. */
export const NOTHING_LEVELS: number = Math.log2(2 / COARSEST_ERROR_PER_RADIUS);

/** Frames to one column of the tables of visible error (0.2 s). */
export const BUCKET_FRAMES = 6;

/** Side of the square world (m) and its objects. */
export const WORLD_METERS = 1400;
export const OBJECT_COUNT = 3000;
