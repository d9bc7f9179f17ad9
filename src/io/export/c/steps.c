/*@ activate */
static void activate(const float *x, float *y, int32_t count, int activation)
{
    for (int32_t i = 0; i < count; i++)
        y[i] = activated(x[i], activation);
}
/*@ add */
static void add(const float *a, const float *b, float *y, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}
/*@ global_average */
static void global_average(const float *x, float *y, int32_t channels, int32_t pixels)
{
    float share = 1.0f / (float)pixels;
    for (int32_t channel = 0; channel < channels; channel++) {
        float sum = 0.0f;
        for (int32_t i = 0; i < pixels; i++)
            sum += x[channel * pixels + i];
        y[channel] = sum * share;
    }
}
/*@ average_pool */
static void average_pool(const float *x, float *y, const int32_t shape[3], const int32_t window[3])
{
    int32_t kernel = window[0], stride = window[1], padding = window[2];
    int32_t height = (shape[1] + 2 * padding - kernel) / stride + 1;
    int32_t width = (shape[2] + 2 * padding - kernel) / stride + 1;
    float share = 1.0f / (float)(kernel * kernel);
    for (int32_t channel = 0; channel < shape[0]; channel++, x += shape[1] * shape[2])
        for (int32_t pixel = 0; pixel < height * width; pixel++) {
            int32_t top = pixel / width * stride - padding, left = pixel % width * stride - padding;
            float sum = 0.0f;
            for (int32_t i = top; i < top + kernel; i++)
                for (int32_t j = left; j < left + kernel; j++)
                    if (i >= 0 && i < shape[1] && j >= 0 && j < shape[2])
                        sum += x[i * shape[2] + j];
            *y++ = sum * share;
        }
}
/*@ max_pool */
static void max_pool(const float *x, float *y, const int32_t shape[3], const int32_t window[3])
{
    int32_t kernel = window[0], stride = window[1], padding = window[2];
    int32_t height = (shape[1] + 2 * padding - kernel) / stride + 1;
    int32_t width = (shape[2] + 2 * padding - kernel) / stride + 1;
    for (int32_t channel = 0; channel < shape[0]; channel++, x += shape[1] * shape[2])
        for (int32_t pixel = 0; pixel < height * width; pixel++) {
            int32_t top = pixel / width * stride - padding, left = pixel % width * stride - padding;
            const float *best = 0;
            for (int32_t i = top; i < top + kernel; i++)
                for (int32_t j = left; j < left + kernel; j++)
                    if (i >= 0 && i < shape[1] && j >= 0 && j < shape[2] && (!best || x[i * shape[2] + j] > *best))
                        best = &x[i * shape[2] + j];
            *y++ = best ? *best : 0.0f;
        }
}
