#pragma once

namespace signalbox
{

// Frees what a C library made with the library's own function: std::unique_ptr<X509, Freer<X509_free>>.
template <auto Free>
struct Freer
{
    template <typename T>
    void operator()(T *object) const
    {
        Free(object);
    }
};

} // namespace signalbox
