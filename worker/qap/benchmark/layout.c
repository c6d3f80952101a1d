/* Robust taboo search in the layout of taboo_kernel.py, in plain C for the compiler to
 * vectorise; the same steps, for symmetric instances without linear costs whose every
 * partial sum float holds exactly.
 *
 * Every array is the caller's. deltas, taboo_until: half rows of width; placed, product:
 * n by n; taboo, taboo_at: n by n; lines: x and y, each width + half + 1; least: width. */

#include <math.h>
#include <string.h>

#define BIG 3e38f

static unsigned long long state;

static double draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

static void scan(int width, float *restrict delta, const int *restrict until,
                 const float *restrict x, const float *restrict y,
                 const float *restrict xs, const float *restrict ys,
                 float *restrict least, int now, float low)
{
    for (int i = 0; i < width; i++) {
        float z = delta[i] + (x[i] - xs[i]) * (ys[i] - y[i]);
        delta[i] = z;
        float c = (until[i] <= now) | (z < low) ? z : BIG;
        least[i] = c < least[i] ? c : least[i];
    }
}

/* The row and column of a pair on the circular diagonals; even orders hold the pairs of
 * the last one twice. */
static void store(int n, int width, float *deltas, int *until, int i, int j, float z,
                  int from)
{
    int d = (j - i + n) % n;
    if (2 * d <= n) {
        deltas[(d - 1) * width + i] = z;
        until[(d - 1) * width + i] = from;
    }
    d = n - d;
    if (2 * d <= n) {
        deltas[(d - 1) * width + j] = z;
        until[(d - 1) * width + j] = from;
    }
}

static float pair(int n, const float *flow, const float *placed, const float *product,
                  int i, int j)
{
    return product[i * n + j] + product[j * n + i] - product[i * n + i]
         - product[j * n + j] + 2 * flow[i * n + j] * placed[i * n + j];
}

/* Return the least objective; p changes, best is filled. */
double run_layout_c(int n, int width, const float *flow, float *placed, float *product,
                    float *deltas, int *until, int *taboo, int *p, int *located, int *best,
                    float *lines, float *least, double value, double scale,
                    unsigned long long seed, int iterations, double longest,
                    int aspiration)
{
    int half = n / 2, length = width + half + 1, oldest = -n * n;
    float *x = lines, *y = lines + length;
    double current = value, lowest = value;
    state = seed;
    memcpy(best, p, sizeof(int) * n);
    for (int i = 0; i < n * n; i++)
        taboo[i] = -i;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            int a = taboo[i * n + p[j]], b = taboo[j * n + p[i]];
            store(n, width, deltas, until, i, j, pair(n, flow, placed, product, i, j),
                  a < b ? a : b);
        }
    for (int now = 1; now <= iterations; now++) {
        float low = (float)((lowest - current) / scale);
        for (int i = 0; i < width; i++)
            least[i] = BIG;
        for (int d = 0; d < half; d++)
            scan(width, deltas + d * width, until + d * width, x, y, x + d + 1, y + d + 1,
                 least, now, low);
        int shift = (int)(draw() * n), u = -1, v = -1;
        float z = BIG;
        for (int k = 0; k < n; k++) {
            int i = k + shift < n ? k + shift : k + shift - n;
            if (least[i] < z) {
                z = least[i];
                u = i;
            }
        }
        for (int d = 0; u >= 0 && d < half; d++)
            if (deltas[d * width + u] == z && (until[d * width + u] <= now || z < low)) {
                v = (u + d + 1) % n;
                break;
            }
        if (now - aspiration > oldest && !(z < low)) {
            int age = now, facility = -1, place = -1;
            for (int i = 0; i < n; i++)
                for (int k = 0; k < n; k++)
                    if (taboo[i * n + k] < age && k != p[i]) {
                        age = taboo[i * n + k];
                        facility = i;
                        place = k;
                    }
            oldest = age;
            if (facility >= 0 && age < now - aspiration) {
                u = facility;
                v = located[place];
                z = pair(n, flow, placed, product, u, v);
            }
        }
        if (u < 0) {
            memset(lines, 0, sizeof(float) * 2 * length);
            continue;
        }
        current += scale * z;
        taboo[u * n + p[u]] = now + 1 + (int)(longest * pow(draw(), 3));
        taboo[v * n + p[v]] = now + 1 + (int)(longest * pow(draw(), 3));
        int kept = p[u];
        p[u] = p[v];
        p[v] = kept;
        located[p[u]] = u;
        located[p[v]] = v;
        for (int k = 0; k < n; k++) {
            float there = placed[u * n + k];
            placed[u * n + k] = placed[v * n + k];
            placed[v * n + k] = there;
        }
        for (int k = 0; k < n; k++) {
            float there = placed[k * n + u];
            placed[k * n + u] = placed[k * n + v];
            placed[k * n + v] = there;
            there = product[k * n + u];
            product[k * n + u] = product[k * n + v];
            product[k * n + v] = there;
        }
        for (int k = 0; k < n; k++) {
            x[k] = flow[u * n + k] - flow[v * n + k];
            y[k] = placed[u * n + k] - placed[v * n + k];
        }
        for (int i = 0; i < n; i++)
            if (x[i] != 0)
                for (int j = 0; j < n; j++)
                    product[i * n + j] += x[i] * y[j];
        for (int k = n; k < length; k++) {
            x[k] = x[k - n];
            y[k] = y[k - n];
        }
        /* The next scan adds the update to every pair: take it off those that touch u or
         * v, which are computed afresh. */
        for (int w = 0; w < 2; w++) {
            int t = w ? v : u;
            for (int k = 0; k < n; k++)
                if (k != t) {
                    int a = taboo[t * n + p[k]], b = taboo[k * n + p[t]];
                    float fresh = pair(n, flow, placed, product, t, k)
                                - (x[t] - x[k]) * (y[k] - y[t]);
                    store(n, width, deltas, until, t, k, fresh, a < b ? a : b);
                }
        }
        if (current < lowest) {
            lowest = current;
            memcpy(best, p, sizeof(int) * n);
        }
    }
    return lowest;
}
