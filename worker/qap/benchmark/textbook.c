/* Robust taboo search as textbooks write it down; the same steps as textbook.py.
 *
 * Flow and distance are symmetric. Entries are int: a delta of the instances measured
 * fits, and narrower entries make it faster. Objectives are long long. */

#include <stdlib.h>
#include <string.h>

static long delta_afresh(int n, const int *f, const int *d, const int *p, int r, int s)
{
    long delta = (long)(f[r * n + r] - f[s * n + s])
               * (d[p[s] * n + p[s]] - d[p[r] * n + p[r]]);
    for (int k = 0; k < n; k++)
        if (k != r && k != s)
            delta += 2L * (f[k * n + r] - f[k * n + s])
                   * (d[p[k] * n + p[s]] - d[p[k] * n + p[r]]);
    return delta;
}

/* Return the least objective, or -1 without memory; p changes, best is filled. */
long long run_textbook_c(int n, const int *f, const int *d, int *p, int *best,
                         long long value, const double *draws, int iterations,
                         int longest, int aspiration)
{
    long *z = malloc(sizeof(long) * n * n);
    int *taboo = malloc(sizeof(int) * n * n);
    long long current = value, least = value;
    if (!z || !taboo) {
        free(z);
        free(taboo);
        return -1;
    }
    memcpy(best, p, sizeof(int) * n);
    for (int i = 0; i < n * n; i++)
        taboo[i] = -i;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
            z[i * n + j] = delta_afresh(n, f, d, p, i, j);
    for (int now = 1; now <= iterations; now++) {
        int r = -1, s = -1, forced = 0;
        long lowest = 1L << 62;
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++) {
                int t_i = taboo[i * n + p[j]], t_j = taboo[j * n + p[i]];
                long here = z[i * n + j];
                int allowed = t_i < now || t_j < now;
                int aspired = t_i < now - aspiration || t_j < now - aspiration
                           || current + here < least;
                if ((aspired && !forced)
                    || (here < lowest && (aspired || (allowed && !forced)))) {
                    r = i;
                    s = j;
                    lowest = here;
                    forced = aspired;
                }
            }
        if (r < 0)
            continue;
        double u = draws[2 * now - 2], v = draws[2 * now - 1];
        taboo[r * n + p[r]] = now + 1 + (int)(longest * u * u * u);
        taboo[s * n + p[s]] = now + 1 + (int)(longest * v * v * v);
        int place = p[r];
        p[r] = p[s];
        p[s] = place;
        current += z[r * n + s];
        if (current < least) {
            least = current;
            memcpy(best, p, sizeof(int) * n);
        }
        const int *f_r = f + r * n, *f_s = f + s * n;
        const int *d_r = d + p[r] * n, *d_s = d + p[s] * n;
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                if (i != r && i != s && j != r && j != s)
                    z[i * n + j] += 2L * (f_r[i] - f_r[j] + f_s[j] - f_s[i])
                                  * (d_s[p[i]] - d_s[p[j]] + d_r[p[j]] - d_r[p[i]]);
                else
                    z[i * n + j] = delta_afresh(n, f, d, p, i, j);
    }
    free(z);
    free(taboo);
    return least;
}
