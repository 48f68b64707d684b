/* The obvious loop of src/chainrule/steps.py in C, to compare with: what a plain implementation can reach. */
#include <math.h>
#include <stdint.h>

/* p holds w, b, v, c, (3H + 1); batches is (steps, B); x2 (H) and gradient (3H + 1) are scratch. Returns how many steps
   stayed finite. */
int64_t take_steps(double *p, const double *x, const double *y, const int64_t *batches, int64_t steps, int64_t B,
                   int64_t H, double rate, double *x2, double *gradient) {
    double *w = p, *b = p + H, *v = p + 2 * H;
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t k = 0; k <= 3 * H; k++) gradient[k] = 0;
        double grad_c = 0, loss = 0;
        for (int64_t m = 0; m < B; m++) {
            int64_t i = batches[s * B + m];
            double x4 = p[3 * H] - y[i];
            for (int64_t j = 0; j < H; j++) {
                double x1 = w[j] * x[i] + b[j];
                x2[j] = x1 > 0 ? x1 : 0;
                x4 += v[j] * x2[j];
            }
            loss += x4 * x4;
            double g = 2.0 / B * x4;
            grad_c += g;
            for (int64_t j = 0; j < H; j++) {
                double g_x1 = x2[j] > 0 ? g * v[j] : 0;
                gradient[j] += g_x1 * x[i];
                gradient[H + j] += g_x1;
                gradient[2 * H + j] += g * x2[j];
            }
        }
        gradient[3 * H] = grad_c;
        int finite = isfinite(loss);
        for (int64_t k = 0; k <= 3 * H; k++) {
            p[k] -= rate * gradient[k];
            finite = finite && isfinite(p[k]);
        }
        if (!finite) return s;
    }
    return steps;
}
