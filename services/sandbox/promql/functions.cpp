#include "services/sandbox/promql/syntax.h"

#include <algorithm>

namespace signalbox::sandbox
{
namespace
{

using enum ValueType;

// As Prometheus 2.42's parser has them.
const std::vector<Function> &allFunctions()
{
    static const std::vector<Function> functions = [] {
        std::vector<Function> all;
        const auto add = [&all](std::initializer_list<std::string_view> names, std::vector<ValueType> arguments,
                                int variadic = 0, ValueType result = Vector) {
            for (const std::string_view name : names)
                all.push_back({name, arguments, variadic, result, false});
        };
        add({"abs",
             "absent",
             "acos",
             "acosh",
             "asin",
             "asinh",
             "atan",
             "atanh",
             "ceil",
             "cos",
             "cosh",
             "deg",
             "exp",
             "floor",
             "ln",
             "log10",
             "log2",
             "rad",
             "sgn",
             "sin",
             "sinh",
             "sort",
             "histogram_count",
             "histogram_sum",
             "sqrt",
             "tan",
             "tanh",
             "timestamp",
             "sort_desc"},
            {Vector});
        add({"absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "idelta", "increase",
             "irate", "last_over_time", "max_over_time", "min_over_time", "present_over_time", "rate", "resets",
             "stddev_over_time", "stdvar_over_time", "sum_over_time"},
            {Matrix});
        add({"day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"},
            {Vector}, 1);
        add({"clamp"}, {Vector, Scalar, Scalar});
        add({"clamp_max", "clamp_min"}, {Vector, Scalar});
        add({"histogram_fraction"}, {Scalar, Scalar, Vector});
        add({"histogram_quantile"}, {Scalar, Vector});
        add({"holt_winters"}, {Matrix, Scalar, Scalar});
        add({"label_replace"}, {Vector, String, String, String, String});
        add({"label_join"}, {Vector, String, String, String}, -1);
        add({"pi", "time"}, {}, 0, Scalar);
        add({"predict_linear"}, {Matrix, Scalar});
        add({"quantile_over_time"}, {Scalar, Matrix});
        add({"round"}, {Vector, Scalar}, 1);
        add({"scalar"}, {Vector}, 0, Scalar);
        add({"vector"}, {Scalar});
        for (Function &function : all) {
            for (const char *name : {"rate", "increase", "irate", "delta", "avg_over_time", "max_over_time",
                                     "count_over_time", "histogram_quantile", "label_replace"})
                function.isEvaluated = function.isEvaluated || function.name == name;
        }
        std::sort(all.begin(), all.end(), [](const Function &a, const Function &b) { return a.name < b.name; });
        return all;
    }();
    return functions;
}

} // namespace

const Function *findFunction(std::string_view name)
{
    const auto &all = allFunctions();
    const auto it = std::lower_bound(all.begin(), all.end(), name,
                                     [](const Function &function, std::string_view n) { return function.name < n; });
    return it != all.end() && it->name == name ? &*it : nullptr;
}

} // namespace signalbox::sandbox
